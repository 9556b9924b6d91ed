import type { LogicalType } from '../../models/types.js'
import { decimalFromUnits, unitsOf } from './decimal.js'

/**
 * A value as it crosses the warehouse contract, the same from every adapter:
 * text, enum → string · integer → bigint · decimal → string in plain notation at the column's scale ("12.50", never an exponent) ·
 * boolean → boolean · date → "YYYY-MM-DD" · timestamp → "YYYY-MM-DDTHH:MM:SS.ffffffZ" · NULL → null.
 */
export type Value = string | bigint | boolean | null

export type Row = Readonly<Record<string, Value>>

/** How a column is compared with a value. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'

/** A bound value. It is always sent as a parameter and cast to `type` in the statement, never written into SQL text. */
export interface Param {
  readonly type: LogicalType
  readonly value: Value
  /** Which of the values of a question it is, and what it is compared by, where the statement may be used again with others. */
  readonly slot?: {
    readonly name: string
    readonly use: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'startsWith'
  }
}

/** A statement ready to run: text with the dialect's placeholders, values in their order, and the columns that come back. */
export interface Statement {
  readonly sql: string
  /** There where it reads one table of a build in the order that its model is read in by default. */
  readonly inReadingOrder?: InReadingOrder
  readonly params: readonly Param[]
  readonly columns: readonly { readonly name: string; readonly type: LogicalType }[]
  /** Advice: no more rows than this come back, which may be worth another way to read them. Left out: not known. */
  readonly atMostRows?: number
  /** Advice: it adds up all rows that its filter lets through, many or few. A plan for its values may be far better than one for any. */
  readonly aggregates?: true
}

/** The same statement for an engine whose table lies in the very order, and that keeps it: without sorting. */
interface InReadingOrder {
  readonly model: string
  /** Of the build whose table it is. */
  readonly tag: string
  /** The order, as `orderText` writes it. */
  readonly order: string
  /** Without the limit too: an engine that keeps an order may have to hold as many rows as a limit names before it gives out the first. */
  readonly sql: string
  /** Rows that are asked for; undefined: all of them. */
  readonly limit: number | undefined
}

/** The canonical text of a value; NULL stays null. The inverse of `decodeValue`. */
export function encodeValue(value: Value): string | null {
  return value === null ? null : String(value)
}

/**
 * A value from text: canonical text, a decimal with fewer digits than its column, or one with zeros behind them. Throws a RangeError for
 * what is no value of the type, so that it may be used on text from outside.
 */
export function decodeValue(text: string | null, type: LogicalType): Value {
  if (text === null) return null
  switch (type.kind) {
    case 'text':
      return text
    case 'enum':
      return checked(text, type.values.includes(text), type)
    case 'integer': {
      const number = BigInt(checked(text, /^-?\d{1,19}$/.test(text), type))
      checked(text, BigInt.asIntN(64, number) === number, type)
      return number
    }
    case 'decimal': {
      const { floor, exact } = unitsOf(text, type.scale)
      checked(text, exact && floor < 10n ** BigInt(type.precision) && -floor < 10n ** BigInt(type.precision), type)
      return decimalFromUnits(floor, type.scale)
    }
    case 'boolean':
      return checked(text, text === 'true' || text === 'false', type) === 'true'
    case 'date':
      return checked(text, isDate(text), type)
    case 'timestamp':
      return checked(
        text,
        /^.{10}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/.test(text) && isDate(text.slice(0, 10)),
        type,
      )
  }
}

/** "YYYY-MM-DD" of a day that exists, in the years 0001 to 9999. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function checked(text: string, holds: boolean, type: LogicalType): string {
  if (!holds) throw new RangeError(`Not a value of type ${type.kind}: ${JSON.stringify(text.slice(0, 60))}.`)
  return text
}
