import type { LogicalType } from '../../models/types.js'
import type { BuildRef } from './builds.js'

export type DateGrain = 'day' | 'week' | 'month' | 'quarter' | 'year'

/**
 * What engines spell differently, as pure functions from SQL text to SQL text. Every argument is SQL, never a value from outside.
 * Identifiers reach it from the models only; it quotes them.
 */
export interface Dialect {
  readonly name: string
  /** How the rows after a position are found fastest: one ordered index range for each sort key, or one pass over the table. */
  readonly seeks: 'ranges' | 'scan'
  quote(identifier: string): string
  /** Placeholder of the n-th parameter (from 1), cast to the type it is compared with. */
  param(n: number, type: LogicalType): string
  /** The column type in DDL. */
  ddlType(type: LogicalType): string
  cast(expression: string, type: LogicalType): string
  silverTable(entity: string): string
  goldTable(build: BuildRef, model: string): string
  /** The view of a model that follows the pointer, where the warehouse has views. */
  goldView(model: string): string
  /** `asc`/`desc` with the NULL order always written out; text orders by code point. */
  orderBy(expression: string, type: LogicalType, direction: 'asc' | 'desc', nulls: 'first' | 'last'): string
  /** A comparison of text by code point, where the engine needs it said. */
  compare(left: string, operator: '=' | '<>' | '<' | '<=' | '>' | '>=', right: string, type: LogicalType): string
  contains(expression: string, part: string): string
  startsWith(expression: string, prefix: string): string
  /** Text equal, byte for byte, to what `encodeValue` writes for the value; NULL stays NULL. */
  canonicalText(expression: string, type: LogicalType): string
  /** Code points of a text. An integer. */
  textLength(text: string): string
  /** The first 15 hex digits of the MD5 of the text's UTF-8 bytes, as an integer from 0 to 2^60 - 1; NULL stays NULL. Sums of it are exact. */
  hash60(text: string): string
  /**
   * A relation with one column `period_start` (date): the first day of each period from the one of `first` to the one of `last`, both scalar
   * date expressions; no rows where either is NULL.
   */
  periods(grain: DateGrain, first: string, last: string): string
  readonly macros: Macros
}

/** The macros of sql/gold and sql/checks. */
export interface Macros {
  /** First day of the period; weeks start on Monday. A date. */
  truncDate(grain: DateGrain, date: string): string
  /** Whole days from `start` to `end`. An integer. */
  daysBetween(start: string, end: string): string
  addDays(date: string, days: string): string
  /** Last day of the month of `date`. A date. */
  monthEnd(date: string): string
  /**
   * Exact quotient, rounded half away from zero to `scale` (0–9); NULL where either is NULL or the denominator is 0. A decimal(38, scale).
   * Operands are integers or decimals with at most 10 digits behind the point, below 10^18.
   */
  ratio(numerator: string, denominator: string, scale: number): string
  /** Exact product of two decimals or integers, widened to 38 digits first; it has the digits of both behind the point. */
  mul(left: string, right: string): string
  /** Rounds half away from zero. */
  round(expression: string, scale: number): string
  /** The smaller/larger of two, ignoring NULL. */
  least(left: string, right: string): string
  greatest(left: string, right: string): string
  /** A relation with one column `month_end` (date): each month end from the month of `first` to before `last`, both scalar date expressions. */
  monthEnds(first: string, last: string): string
}
