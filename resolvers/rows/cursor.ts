import { hash } from 'node:crypto'
import { z } from 'zod'
import type { GoldModel } from '../../models/types.js'
import type { SortKey } from '../../warehouses/compiler/query.js'
import type { Row, Value } from '../../warehouses/contract/values.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { parseStored } from './stored-value.js'

const version = 1
/** The longest text a key can have is a text column's; anything larger was not made here. */
const maxLength = 65_536

/** What a list asks, apart from which page of it. Cursors are good for one question only. */
export interface Question {
  /** Has the columns that `order` names. */
  readonly model: GoldModel
  /** Whatever else decides which rows the list has, as plain data. */
  readonly asks: unknown
  readonly order: readonly SortKey[]
}

export interface Cursor {
  readonly buildId: string
  /** One value per sort key. */
  readonly values: readonly Value[]
}

const shape = z.strictObject({
  v: z.literal(version),
  model: z.string(),
  build: z.string().min(1).max(64),
  question: z.string(),
  key: z.array(z.union([z.string(), z.boolean(), z.null()])),
})

export function questionHash({ asks, order }: Question): string {
  const text = JSON.stringify([asks ?? null, order], (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
  return hash('sha256', text, 'base64url').slice(0, 16)
}

/** The position of a row that holds a value for every sort key. `hash` is `questionHash(question)`. */
export function encodeCursor(question: Question, hash: string, buildId: string, row: Row): string {
  const key = question.order.map(({ column }) => {
    const value = row[column] ?? null
    return typeof value === 'bigint' ? String(value) : value
  })
  return Buffer.from(
    JSON.stringify({ v: version, model: question.model.name, build: buildId, question: hash, key }),
  ).toString('base64url')
}

/**
 * Throws CURSOR_INVALID for what this gateway did not make and CURSOR_MISMATCH for the cursor of another question. The
 * values are parsed like a client's, since anyone can write a cursor.
 */
export function decodeCursor(question: Question, hash: string, text: string): Cursor {
  const parsed = shape.safeParse(parseText(text))
  if (!parsed.success) throw invalid()
  const { model, build, question: asked, key } = parsed.data
  if (model !== question.model.name || asked !== hash) {
    throw new GoldgateError(
      'CURSOR_MISMATCH',
      'The cursor belongs to another question: page on with the field, `where` and `orderBy` of the first page, or begin again without it.',
    )
  }
  if (key.length !== question.order.length) throw invalid()
  return {
    buildId: build,
    values: question.order.map(({ column }, i) => parseKey(question.model, column, key[i] ?? null)),
  }
}

function parseText(text: string): unknown {
  if (text.length > maxLength) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // Node skips what is not base64url; a cursor that was changed on its way is no cursor.
  if (bytes.toString('base64url') !== text) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

function parseKey(model: GoldModel, name: string, value: string | boolean | null): Value {
  const column = model.columns.find((candidate) => candidate.name === name)
  if (!column) throw invalid()
  if (value === null) {
    if (column.nullable) return null
    throw invalid()
  }
  const key = parseStored(column.type, value)
  if (key === undefined) throw invalid()
  return key
}

const invalid = (): GoldgateError =>
  new GoldgateError(
    'CURSOR_INVALID',
    'This is not a cursor of this gateway. Pass a cursor of `edges.cursor` or `pageInfo` unchanged.',
  )
