import type { LogicalType } from '../../models/types.js'

/**
 * A value as it crosses the warehouse contract, the same from every adapter:
 * text, enum → string · integer → bigint · decimal → string in plain notation at the column's scale ("12.50", never an exponent) ·
 * boolean → boolean · date → "YYYY-MM-DD" · timestamp → "YYYY-MM-DDTHH:MM:SS.ffffffZ" · NULL → null.
 */
export type Value = string | bigint | boolean | null

export type Row = Readonly<Record<string, Value>>

/** A bound value. It is always sent as a parameter and cast to `type` in the statement, never written into SQL text. */
export interface Param {
  readonly type: LogicalType
  readonly value: Value
}

/** A statement ready to run: text with the dialect's placeholders, values in their order, and the columns that come back. */
export interface Statement {
  readonly sql: string
  readonly params: readonly Param[]
  readonly columns: readonly { readonly name: string; readonly type: LogicalType }[]
}
