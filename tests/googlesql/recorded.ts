import { z } from 'zod'
import { Analyzer, type DeclaredColumn, type DeclaredTable, type Verdict } from './analyzer.js'
import { type Mistake, mistakeOf } from './judge.js'

/** One line of what the recording proxy wrote. */
const recordedRequest = z.object({ method: z.string(), url: z.string(), body: z.unknown(), status: z.number() })

const field: z.ZodType<DeclaredColumn> = z.lazy(() =>
  z.object({
    name: z.string(),
    type: z.string(),
    mode: z.string().optional(),
    fields: z.array(field).optional(),
  }),
)

const place = z.object({ projectId: z.string().optional(), datasetId: z.string() })

const table = z.object({
  tableReference: z.object({ datasetId: z.string().optional(), tableId: z.string() }),
  schema: z.object({ fields: z.array(field) }),
})

const job = z.object({
  configuration: z.object({
    labels: z.record(z.string(), z.string()).default({}),
    query: z.object({
      query: z.string(),
      defaultDataset: place.optional(),
      queryParameters: z
        .array(z.object({ name: z.string().default(''), parameterType: z.object({ type: z.string() }) }))
        .default([]),
    }),
  }),
})

export interface Judgement {
  /** Statements and scripts that were judged. */
  readonly judged: number
  readonly mistakes: readonly Mistake[]
}

/**
 * Judges every statement of a record, in its order, with the tables that there were: those that the record's own requests and statements made.
 * A table that was dropped counts as there: what exists when is the affair of the tests that sent the statements.
 */
export async function judgeRecord(lines: readonly string[], isOnPurpose: (sql: string) => boolean): Promise<Judgement> {
  const analyzer = new Analyzer()
  const tables = new Map<string, DeclaredTable>()
  const mistakes: Mistake[] = []
  let judged = 0
  const add = (name: string, columns: readonly DeclaredColumn[]) => tables.set(name, { name, columns })
  try {
    for (const [index, line] of lines.entries()) {
      const { url, body, status } = recordedRequest.parse(JSON.parse(line))
      const [, project = '', rest = ''] = /\/projects\/([^/?]+)\/([^?]*)/.exec(url) ?? []
      const made = table.safeParse(body)
      const dataset = /^datasets\/([^/]+)\/tables/.exec(rest)?.[1]
      if (made.success && dataset !== undefined && status < 300)
        add(`${project}.${dataset}.${made.data.tableReference.tableId}`, made.data.schema.fields)
      const asked = job.safeParse(body)
      if (!asked.success || !rest.startsWith('jobs')) continue
      judged += 1
      const { query, defaultDataset, queryParameters } = asked.data.configuration.query
      const request = {
        sql: query,
        tables: [...tables.values()].filter(({ name }) => query.includes(lastPart(name))),
        parameters: queryParameters.map(({ name, parameterType }) => ({ name, type: parameterType.type })),
        project,
        ...(defaultDataset && { dataset: defaultDataset.datasetId }),
      }
      let verdict = await analyzer.ask(request)
      const absent = absentTable(verdict, tables)
      if (absent !== undefined) verdict = await analyzer.ask({ ...request, tables: [...request.tables, absent] })
      for (const { name, columns } of createdBy(query, verdict, project, defaultDataset?.datasetId)) add(name, columns)
      const reason = mistakeOf(verdict)
      if (reason === undefined || isOnPurpose(query)) continue
      const purpose = asked.data.configuration.labels.goldgate ?? 'a job'
      mistakes.push({ place: `${purpose}, request ${index + 1} of the record`, sql: query, reason })
    }
    return { judged, mistakes }
  } finally {
    analyzer.close()
  }
}

const lastPart = (name: string): string => name.split('.').at(-1) ?? name

/** Without the tag of a build. */
const shapeOf = (name: string): string => lastPart(name).replace(/__\w+$/, '')

/**
 * A table that the analyzer missed, as another place or build has it: that a build was never begun, or that nothing was set up yet, is no
 * mistake of the text that asks for it.
 */
function absentTable(verdict: Verdict, tables: ReadonlyMap<string, DeclaredTable>): DeclaredTable | undefined {
  const missing = /^Table not found: (\S+)/.exec(verdict.error ?? '')?.[1]?.replaceAll('`', '')
  const like = [...tables.values()].find(({ name }) => missing !== undefined && shapeOf(name) === shapeOf(missing))
  return missing === undefined || like === undefined ? undefined : { name: missing, columns: like.columns }
}

const creation =
  /\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:MATERIALIZED\s+)?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w`.-]+)/gi

/** Tables and views that a statement, or those of a script, made, under their whole names. */
function createdBy(sql: string, verdict: Verdict, project: string, dataset = ''): DeclaredTable[] {
  const names = [...sql.matchAll(creation)].map((match) => String(match[1]).replaceAll('`', ''))
  const each = verdict.statements.length > 0 ? verdict.statements : [{ statement: 'Create', columns: verdict.columns }]
  const made = each.filter(({ statement }) => statement.startsWith('Create'))
  return names.map((name, index) => ({
    name: [project, dataset]
      .slice(0, 3 - name.split('.').length)
      .concat(name)
      .join('.'),
    columns: made[index]?.columns ?? [],
  }))
}
