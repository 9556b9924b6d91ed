import type { LogicalType } from '../../../models/types.js'
import { decodeValue, encodeValue, type Param, type Row, type Statement, type Value } from '../../contract/values.js'
import { columnType, typeName } from './types.js'

/** A parameter as the API takes it: text with its type, so that nothing becomes a float or a Date on the way. */
export interface QueryParameter {
  readonly name: string
  readonly parameterType: { readonly type: string }
  /** Without a value it is NULL. */
  readonly parameterValue: { readonly value?: string }
}

export function toParameters(params: readonly Param[]): QueryParameter[] {
  return params.map(({ type, value }, index) => {
    const text = encodeValue(value)
    const parameterValue = text === null ? {} : { value: wellFormed(text) }
    return { name: `p${index + 1}`, parameterType: { type: columnType(type) }, parameterValue }
  })
}

/** Half a surrogate pair as U+FFFD, as every engine gets it that is sent bytes. JSON would carry it as an escape, which is no text to BigQuery. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')

/**
 * The statement with constants for its parameters: the emulator's scripts take none. Text of other than plain characters goes as base64, so that
 * no value can end its literal.
 */
export function withConstants(sql: string, params: readonly Param[]): string {
  return sql.replace(/@p(\d+)/g, (_, n: string) => {
    const param = params[Number(n) - 1]
    if (param === undefined) throw new RangeError(`Parameter ${n} of a statement has no value.`)
    return constant(param)
  })
}

/** A value as SQL that is a constant and nothing else. */
function constant({ type, value }: Param): string {
  const text = encodeValue(value)
  if (text === null) return `CAST(NULL AS ${typeName(type)})`
  if (type.kind !== 'text' && type.kind !== 'enum') {
    decodeValue(text, type)
    return `CAST('${text}' AS ${typeName(type)})`
  }
  if (/^[\w .:/-]*$/.test(text)) return `'${text}'`
  return `SAFE_CONVERT_BYTES_TO_STRING(FROM_BASE64('${Buffer.from(text, 'utf8').toString('base64')}'))`
}

/** Rows as they come with `skipParsing`: cells of text, timestamps as microseconds since 1970. */
export function toRows(rows: readonly unknown[], columns: Statement['columns']): Row[] {
  return rows.map((row) => {
    const cells = cellsOf(row)
    const values: Record<string, Value> = {}
    columns.forEach(({ name, type }, index) => {
      values[name] = toValue(cells[index], type)
    })
    return values
  })
}

function cellsOf(row: unknown): unknown[] {
  if (typeof row !== 'object' || row === null || !('f' in row) || !Array.isArray(row.f))
    throw new TypeError('BigQuery sent a row without cells.')
  return row.f.map((cell: unknown) => (typeof cell === 'object' && cell !== null && 'v' in cell ? cell.v : undefined))
}

function toValue(raw: unknown, type: LogicalType): Value {
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
      return raw === 'true'
    case 'decimal':
      return decodeValue(plainNotation(raw), type)
    case 'timestamp':
      return isoTimestamp(BigInt(raw))
  }
}

/** BigQuery writes decimals plainly; the emulator a very small one as "1E-9". */
function plainNotation(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?E([+-]?\d+)$/i.exec(text) ?? []
  if (exponent === undefined) return text
  const point = whole.length + Number(exponent)
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${whole}${fraction}`.padEnd(point, '0')
  const at = Math.max(point, 1)
  return `${sign}${digits.slice(0, at)}${digits.length > at ? `.${digits.slice(at)}` : ''}`
}

/** Microseconds since 1970 may be negative, and a Date holds milliseconds. */
function isoTimestamp(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n
  const milliseconds = new Date(Number((micros - rest) / 1000n)).toISOString()
  return `${milliseconds.slice(0, -1)}${rest.toString().padStart(3, '0')}Z`
}
