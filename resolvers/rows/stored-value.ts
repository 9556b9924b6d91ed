import type { LogicalType } from '../../models/types.js'
import type { Value } from '../../warehouses/contract/values.js'
import { parseDate } from '../scalars/date.js'
import { parseDecimal } from '../scalars/decimal.js'
import { parseTimestamp } from '../scalars/timestamp.js'

/**
 * The value that a column of this type holds under this text, as cursors carry it; undefined for what no row can hold. The
 * compiler binds positions as they are, so nothing may reach it that the engine would round or refuse.
 */
export function parseStored(type: LogicalType, value: string | boolean): NonNullable<Value> | undefined {
  if (typeof value === 'boolean') return type.kind === 'boolean' ? value : undefined
  switch (type.kind) {
    case 'boolean':
      return undefined
    case 'integer':
      return int64(value)
    case 'decimal':
      return decimal(value, type.precision, type.scale)
    case 'date':
      return accepted(() => parseDate(value))
    case 'timestamp':
      return accepted(() => parseTimestamp(value))
    case 'text':
      return /\0|\p{Surrogate}/u.test(value) ? undefined : value
    case 'enum':
      return type.values.includes(value) ? value : undefined
  }
}

function int64(text: string): bigint | undefined {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined
  return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined
}

function decimal(text: string, precision: number, scale: number): string | undefined {
  const value = accepted(() => parseDecimal(text))
  if (value === undefined) return undefined
  const [whole = '', fraction = ''] = value.replace('-', '').split('.')
  return fraction.length <= scale && (whole === '0' || whole.length <= precision - scale) ? value : undefined
}

function accepted(parse: () => string): string | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
