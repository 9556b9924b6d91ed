import type { LogicalType } from '../../models/types.js'
import { decimalFromUnits, unitsOf } from '../contract/decimal.js'
import type { Comparison, Value } from '../contract/values.js'

/** A comparison that a column of the type can make exactly, or what is known without asking it: it holds for all values, or for none. */
export type Comparable = { readonly op: Comparison; readonly value: NonNullable<Value> } | 'every value' | 'no value'

/**
 * Fits `value` to the column's type without changing which values the comparison holds for. A binder would otherwise round
 * a decimal to the column's scale (DuckDB), or refuse a number out of range or a NUL in a text (Postgres). `value` may have any
 * number of digits. Throws a RangeError when it is not of the type at all.
 */
export function comparable(op: Comparison, value: NonNullable<Value>, type: LogicalType): Comparable {
  switch (type.kind) {
    case 'integer':
      if (typeof value !== 'bigint') throw wrongType(value, type)
      return comparableNumber(op, { floor: value, exact: true }, int64, (units) => units)
    case 'decimal': {
      if (typeof value !== 'string') throw wrongType(value, type)
      const limit = 10n ** BigInt(type.precision) - 1n
      return comparableNumber(op, unitsOf(value, type.scale), { min: -limit, max: limit }, (units) =>
        decimalFromUnits(units, type.scale),
      )
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(value, type)
      return { op, value }
    case 'text':
    case 'enum':
      if (typeof value !== 'string') throw wrongType(value, type)
      return comparableText(op, value)
    case 'date':
    case 'timestamp':
      if (typeof value !== 'string') throw wrongType(value, type)
      return { op, value }
  }
}

/** False for a text that no warehouse can hold: with a NUL, or half of a surrogate pair. */
export const canBeStored = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text)

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

function comparableNumber(
  op: Comparison,
  number: { readonly floor: bigint; readonly exact: boolean },
  range: { readonly min: bigint; readonly max: bigint },
  toValue: (units: bigint) => NonNullable<Value>,
): Comparable {
  const { floor, exact } = number
  const outside = floor > range.max ? 'above' : floor < range.min ? 'below' : undefined
  if (op === 'eq' || op === 'ne') {
    if (exact && outside === undefined) return { op, value: toValue(floor) }
    return op === 'eq' ? 'no value' : 'every value'
  }
  // x < v and x >= v are settled by the smallest number of the column's scale that is not below v, x <= v and x > v by the largest not above it.
  const bound = exact || op === 'lte' || op === 'gt' ? floor : floor + 1n
  if (bound > range.max) return op === 'lt' || op === 'lte' ? 'every value' : 'no value'
  if (bound < range.min) return op === 'gt' || op === 'gte' ? 'every value' : 'no value'
  return { op, value: toValue(bound) }
}

function comparableText(op: Comparison, value: string): Comparable {
  if (op === 'eq' || op === 'ne') {
    if (canBeStored(value)) return { op, value }
    return op === 'eq' ? 'no value' : 'every value'
  }
  // Nothing stored lies between a text and the same text followed by NUL.
  const nul = value.indexOf('\0')
  return nul < 0 ? { op, value } : { op: op === 'lt' || op === 'lte' ? 'lte' : 'gt', value: value.slice(0, nul) }
}

function wrongType(value: NonNullable<Value>, type: LogicalType): RangeError {
  return new RangeError(`A ${typeof value} cannot be compared with a column of type ${type.kind}.`)
}
