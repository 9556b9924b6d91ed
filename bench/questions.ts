import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { goldModels } from '../models/gold/index.js'
import type { GoldColumn, GoldModel, LogicalType } from '../models/types.js'
import { createRandom } from '../pipeline/sources/demo/random.js'
import { fieldOf, rowsFieldOf } from '../resolvers/naming/fields.js'
import { constantCase } from '../resolvers/naming/names.js'
import { parse, quotient } from '../tests/oracle/decimal.js'
import type { Benchmark } from './bench.js'
import { type Question, randomQuestion } from './questions/generate.js'
import { toGraphql } from './questions/graphql.js'
import { perOf, textOf, toSql } from './questions/sql.js'
import { Servers } from './servers/start.js'
import { Workspace } from './workspace.js'

const QUESTIONS = 1000
const WAREHOUSES = ['postgres', 'duckdb'] as const

type Table = readonly (readonly (string | null)[])[]
interface Page {
  readonly nodes: readonly Readonly<Record<string, unknown>>[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  readonly totalCount: number
}

/** Not how fast, but whether right: the first answer that differs ends it. */
export const questionsBenchmark: Benchmark = {
  name: 'questions',
  describes: `${QUESTIONS} random questions (filters, groups, having, orders, pages), each asked of Postgres and of DuckDB through the gateway, against plain SQL over the rows that the gateway shows`,
  async run(say) {
    const workspace = await Workspace.create(WAREHOUSES)
    const servers = new Servers()
    const oracle = await (await DuckDBInstance.create()).connect()
    const read = async (sql: string): Promise<readonly Readonly<Record<string, string | null>>[]> =>
      (await oracle.runAndReadAll(sql)).getRowObjects() as never
    try {
      await workspace.command('generate', '--out', workspace.data)
      await workspace.command('run')
      const url = `${await servers.take(workspace.start(['serve']), /(http:\/\/127\.0\.0\.1:\d+)/)}/graphql`
      for (const model of goldModels) {
        const rows = await allRows(url, model)
        const file = join(workspace.folder, `${model.name}.ndjson`)
        await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
        await oracle.run(tableOf(model, file))
      }
      const samples = await readSamples(read)
      const random = createRandom(20261121, 'questions')
      let rows = 0
      for (let n = 1; n <= QUESTIONS; n += 1) {
        const question = randomQuestion(goldModels, random, (model, column) => {
          const values = samples.get(`${model.name}.${column.name}`) ?? []
          return values.length === 0 ? undefined : random.pick(values)
        })
        const expected = expectedOf(question, await read(toSql(question)))
        for (const warehouse of WAREHOUSES) rows += await compare(url, question, warehouse, expected)
        if (n % 100 === 0) say(`${n} questions, ${rows} rows compared`)
      }
      return [
        { name: 'questions, in each of both warehouses', value: QUESTIONS, unit: 'equal' },
        { name: 'rows compared', value: rows, unit: 'rows' },
      ]
    } finally {
      await servers.stop()
      oracle.closeSync()
      await workspace.remove()
    }
  },
}

async function ask(url: string, query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  if (errors !== undefined) throw new Error(`${query}\n${JSON.stringify(variables)}\n${JSON.stringify(errors)}`)
  return data
}

async function askPage(
  url: string,
  { query, variables, field }: ReturnType<typeof toGraphql>,
  more: Readonly<Record<string, unknown>>,
): Promise<Page> {
  const data = (await ask(url, query, { ...variables, ...more })) as Readonly<Record<string, Page>>
  const page = data[field]
  if (!page) throw new Error(`No ${field} in the answer`)
  return page
}

async function allRows(url: string, model: GoldModel): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const field = rowsFieldOf(model)
  const query = `query ($after: String) { ${field}(first: 1000, after: $after) {
    nodes { ${model.columns.map(fieldOf).join(' ')} } pageInfo { hasNextPage endCursor } totalCount } }`
  const rows: Readonly<Record<string, unknown>>[] = []
  for (let after: string | null = null; ; ) {
    const page: Page = await askPage(url, { query, variables: {}, field }, { after })
    rows.push(...page.nodes)
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage) break
  }
  return rows.map((row) =>
    Object.fromEntries(model.columns.map((column) => [column.name, storedText(column, row[fieldOf(column)])])),
  )
}

/** The text that a warehouse stores for what an answer shows. */
function storedText({ type }: GoldColumn, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (type.kind === 'enum') return type.values.find((each) => constantCase(each) === value) ?? String(value)
  return String(value)
}

function tableOf(model: GoldModel, file: string): string {
  const columns = model.columns.map(({ name, type }) => `"${name}"::${duckdbType(type)} AS "${name}"`)
  const text = model.columns.map(({ name }) => `"${name}": 'VARCHAR'`)
  return `CREATE TABLE "${model.name}" AS SELECT ${columns.join(', ')}
    FROM read_json('${file.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${text.join(', ')}})`
}

function duckdbType(type: LogicalType): string {
  if (type.kind === 'decimal') return `DECIMAL(${type.precision}, ${type.scale})`
  const types = {
    text: 'VARCHAR',
    enum: 'VARCHAR',
    timestamp: 'VARCHAR',
    integer: 'BIGINT',
    boolean: 'BOOLEAN',
    date: 'DATE',
  }
  return types[type.kind]
}

/** Up to 200 values of each column. */
async function readSamples(
  read: (sql: string) => Promise<readonly Readonly<Record<string, string | null>>[]>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const samples = new Map<string, readonly string[]>()
  for (const { name: model, columns } of goldModels) {
    for (const { name } of columns) {
      const found = await read(
        `SELECT DISTINCT "${name}"::VARCHAR AS value FROM "${model}" WHERE "${name}" IS NOT NULL ORDER BY hash(value), value LIMIT 200`,
      )
      samples.set(
        `${model}.${name}`,
        found.map(({ value }) => value ?? ''),
      )
    }
  }
  return samples
}

function expectedOf({ shown }: Question, rows: readonly Readonly<Record<string, string | null>>[]): Table {
  return rows.map((row) =>
    shown.map(({ column }) => {
      const value = row[textOf(column)] ?? null
      if (column.role !== 'measure' || column.adds.how !== 'ratio' || !(perOf(column) in row)) return value
      const per = row[perOf(column)] ?? null
      // Sums of money have two digits, counts none: four hold both.
      return quotient(value === null ? null : parse(value, 4), per === null ? null : parse(per, 4), column.adds.scale)
    }),
  )
}

/** Reads the pages and throws at the first difference; returns how many rows were equal. */
async function compare(url: string, question: Question, warehouse: string, expected: Table): Promise<number> {
  const asked = toGraphql(question)
  const differs = (what: string, got: unknown, wanted: unknown): never => {
    const both = `answered ${JSON.stringify(got)}\nexpected ${JSON.stringify(wanted)}`
    throw new Error(
      `${warehouse}, ${what}:\n${asked.query}\n${JSON.stringify(asked.variables)}\n${toSql(question)}\n${both}`,
    )
  }
  let after: string | null = null
  let compared = 0
  for (let n = 0; n < question.pages; n += 1) {
    const page: Page = await askPage(url, asked, { warehouse, after })
    const got = page.nodes.map((node) => question.shown.map(({ column }) => storedText(column, node[fieldOf(column)])))
    const wanted = expected.slice(n * question.pageSize, (n + 1) * question.pageSize)
    if (JSON.stringify(got) !== JSON.stringify(wanted)) differs(`page ${n + 1}`, got, wanted)
    if (page.totalCount !== expected.length) differs('totalCount', page.totalCount, expected.length)
    const goesOn = expected.length > (n + 1) * question.pageSize
    if (page.pageInfo.hasNextPage !== goesOn) differs('hasNextPage', page.pageInfo.hasNextPage, goesOn)
    compared += got.length
    after = page.pageInfo.endCursor
    if (!goesOn) break
  }
  return compared
}
