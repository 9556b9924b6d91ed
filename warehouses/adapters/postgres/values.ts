import type pg from 'pg'
import Cursor from 'pg-cursor'
import type { LogicalType } from '../../../models/types.js'
import { decodeValue, encodeValue, type Param, type Row, type Statement, type Value } from '../../contract/values.js'

/** Every value of a client arrives as the server's own text, so that nothing becomes a float or a Date on the way. */
export const asText: pg.CustomTypesConfig = { getTypeParser: () => (text: unknown) => text }

export function toParameters(params: readonly Param[]): (string | null)[] {
  return params.map((param) => encodeValue(param.value))
}

/** On a client with `asText`. With a name, the server parses and plans the text once for this connection; no other text may have that name there. */
export async function readRows(client: pg.ClientBase, statement: Statement, name?: string): Promise<Row[]> {
  const values = toParameters(statement.params)
  const query = { text: statement.sql, values, rowMode: 'array' as const, ...(name !== undefined && { name }) }
  const { rows } = await client.query<unknown[]>(query)
  return toRows(rows, statement.columns)
}

/** Rows of a piece of an answer: enough that the way to the server counts little, few enough that they are nothing in memory. */
const rowsOfChunk = 2_000

/** On a client with `asText`. Unless it came to its end, the connection still holds what is left of the answer. */
export async function* streamRows(client: pg.ClientBase, statement: Statement): AsyncGenerator<Row[]> {
  const cursor = client.query(
    new Cursor<unknown[]>(statement.sql, toParameters(statement.params), { rowMode: 'array', types: asText }),
  )
  for (;;) {
    const rows = await cursor.read(rowsOfChunk)
    if (rows.length === 0) return
    yield toRows(rows, statement.columns)
  }
}

/** Rows as they arrive with `asText` and `rowMode: 'array'`, in sessions with TimeZone UTC and DateStyle ISO. */
function toRows(rows: readonly (readonly unknown[])[], columns: Statement['columns']): Row[] {
  return rows.map((row) => {
    const values: Record<string, Value> = {}
    columns.forEach(({ name, type }, index) => {
      values[name] = toValue(row[index], type)
    })
    return values
  })
}

export function toValue(raw: unknown, type: LogicalType): Value {
  if (raw === null) return null
  if (typeof raw !== 'string') throw new TypeError(`A column of type ${type.kind} is missing from the answer.`)
  switch (type.kind) {
    case 'text':
    case 'enum':
    case 'date':
      return raw
    case 'integer':
      return BigInt(raw)
    case 'boolean':
      return raw === 't' || raw === 'true'
    case 'decimal':
      // The server writes numeric(p, s) with s digits; a value without a declared scale may have more or fewer.
      return hasScale(raw, type.scale) ? raw : decodeValue(raw, type)
    case 'timestamp':
      return isoTimestamp(raw)
  }
}

const hasScale = (text: string, scale: number): boolean =>
  scale === 0 ? !text.includes('.') : text.length - 1 - scale === text.indexOf('.') && text.includes('.')

/** "2024-01-31 10:00:00.5+00" → "2024-01-31T10:00:00.500000Z". */
function isoTimestamp(text: string): string {
  const utc = text.endsWith('+00') ? text.slice(0, -3) : text
  return `${utc.slice(0, 10)}T${utc.slice(11, 19)}.${utc.slice(20).padEnd(6, '0')}Z`
}
