import { isMap, LineCounter, type Node, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { SourceError } from './source-error.js'

export interface Position {
  readonly line: number
  readonly position: number
}

/** A parsed YAML file that still knows where everything stands. */
export interface PositionedDocument {
  /** Position of the value at a path; of its nearest parent that is there, otherwise. */
  at(path: readonly PropertyKey[]): Position
  /** Position of the key at a path. */
  atKey(path: readonly PropertyKey[]): Position
  /** Where the text of a scalar starts, when it stands in the file exactly as its value. */
  plainTextAt(path: readonly PropertyKey[]): Position | undefined
}

/** Parses YAML against a schema; the first mistake is a MAPPING_INVALID with its line and column. */
export function parseYaml<Schema extends z.ZodType>(
  source: string,
  file: string,
  text: string,
  schema: Schema,
): { readonly value: z.output<Schema>; readonly document: PositionedDocument } {
  const lines = new LineCounter()
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, position: col }
  }
  const fail = (message: string, where: Position): never => {
    throw mappingError(source, file, message, where)
  }
  const broken = parsed.errors[0] ?? parsed.warnings[0]
  if (broken) fail(broken.message, position(broken.pos[0]))

  visit(parsed, {
    Alias: (_key, node) => {
      if (node.resolve(parsed) === undefined)
        fail(
          `*${node.source} is a YAML alias of nothing; put quotes around text that begins with *`,
          position(node.range?.[0] ?? 0),
        )
    },
  })

  const document: PositionedDocument = {
    at: (path) => {
      for (let length = path.length; length >= 0; length--) {
        const node = parsed.getIn(path.slice(0, length), true) as Node | undefined
        if (node?.range) return position(node.range[0])
      }
      return { line: 1, position: 1 }
    },
    atKey: (path) => {
      const parent = parsed.getIn(path.slice(0, -1), true)
      const pair = isMap(parent)
        ? parent.items.find((item) => String((item.key as Node | null)?.toJSON?.() ?? item.key) === String(path.at(-1)))
        : undefined
      const range = (pair?.key as Node | undefined)?.range
      return range ? position(range[0]) : document.at(path)
    },
    plainTextAt: (path) => {
      const node = parsed.getIn(path, true) as (Node & { value?: unknown }) | undefined
      if (!node?.range || typeof node.value !== 'string') return undefined
      const start = [0, 1].find((skip) => text.startsWith(String(node.value), (node.range?.[0] ?? 0) + skip))
      return start === undefined ? undefined : position(node.range[0] + start)
    },
  }
  const checked = schema.safeParse(parsed.toJS())
  if (!checked.success) {
    const { message, path, key } = firstIssue(checked.error.issues)
    fail(message, key ? document.atKey(path) : document.at(path))
  }
  return { value: checked.data as z.output<Schema>, document }
}

export function mappingError(source: string, file: string, message: string, at: Position): SourceError {
  return new SourceError('MAPPING_INVALID', `${file}:${at.line}:${at.position}: ${message}`, { source, file, ...at })
}

interface Issue {
  readonly message: string
  readonly path: readonly PropertyKey[]
  /** The mistake is the key itself. */
  readonly key: boolean
}

/** The issue to show: an unknown key before what it left missing; in a union, that of the branch which came furthest. */
function firstIssue(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): Issue {
  const issue = issues.find((each) => each.code === 'unrecognized_keys') ?? issues[0]
  if (!issue) return { message: 'is not valid', path: above, key: false }
  const path = [...above, ...issue.path]
  const label = path.length === 0 ? 'the file' : path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] ?? ''
    return { message: `${[...path, unknown].join('.')}: unknown key`, path: [...path, unknown], key: true }
  }
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'is not a valid name'
    return { message: `${label}: the name ${reason}`, path, key: true }
  }
  if (issue.code === 'invalid_union') {
    const inside = issue.errors
      .map((errors) => firstIssue(errors, path))
      .filter((each) => each.path.length > path.length + 1)
    const deepest = inside.sort((a, b) => b.path.length - a.path.length)[0]
    const kinds = 'must be json, ndjson, parquet, or a map with one of csv, json, ndjson'
    return deepest ?? { message: `${label}: ${kinds}`, path, key: false }
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return { message: `${label}: ${missing ? 'is missing' : issue.message}`, path, key: false }
}
