import type { DateGrain } from '../contract/dialect.js'

/**
 * What is standard SQL in every engine so far, once. A dialect is put together from these functions and its own; none
 * of them knows an engine. All arguments but identifiers are SQL text.
 */

/** A delimited identifier: case and every character are kept. Throws on an empty one and on NUL, which no engine stores. */
export function quoteIdentifier(identifier: string): string {
  if (identifier === '' || identifier.includes('\0'))
    throw new RangeError(`Not an identifier: ${JSON.stringify(identifier)}.`)
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Text as a literal where statements take no parameters: paths, and words of the declarations. Never for a value from outside. */
export const textLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const qualifiedName = (...identifiers: readonly string[]): string => identifiers.map(quoteIdentifier).join('.')

export const castTo = (expression: string, type: string): string => `CAST(${expression} AS ${type})`

/** The engines differ in their default (Postgres: NULL is the largest value, DuckDB: NULL comes last either way), so it is always written. */
export const orderTerm = (expression: string, direction: 'asc' | 'desc', nulls: 'first' | 'last'): string =>
  `${expression} ${direction === 'asc' ? 'ASC' : 'DESC'} NULLS ${nulls === 'first' ? 'FIRST' : 'LAST'}`

export const comparison = (left: string, operator: string, right: string): string => `${left} ${operator} ${right}`

/** strpos and starts_with rather than LIKE, so that %, _ and \ are ordinary characters. Both hold for an empty part. */
export const containsPart = (expression: string, part: string): string => `strpos(${expression}, ${part}) > 0`
export const startsWithPrefix = (expression: string, prefix: string): string => `starts_with(${expression}, ${prefix})`

/** Date minus date is a whole number of days in Postgres and DuckDB alike. */
export const dateDifference = (start: string, end: string): string =>
  `(${castTo(end, 'date')} - ${castTo(start, 'date')})`

/** The number must be 32 bits wide: neither engine adds a 64-bit integer to a date. */
export const dateSum = (date: string, days: string): string => `(${castTo(date, 'date')} + ${castTo(days, 'integer')})`

/** The length of a period as an interval. */
export const intervalOf: Readonly<Record<DateGrain, string>> = {
  day: '1 day',
  week: '7 days',
  month: '1 month',
  quarter: '3 months',
  year: '1 year',
}

/** Ignores NULL in Postgres and DuckDB (BigQuery returns NULL). */
export const leastOf = (left: string, right: string): string => `LEAST(${left}, ${right})`
export const greatestOf = (left: string, right: string): string => `GREATEST(${left}, ${right})`

/** 10^scale as an integer literal. */
export const powerOfTen = (scale: number): string => `1${'0'.repeat(scale)}`

/** 10^-scale as an exact decimal literal: multiplying by it is exact, where a division would round or give a binary float. */
export const powerOfTenth = (scale: number): string => (scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`)

/** Digits behind the point that a macro may be asked for. */
export function checkScale(scale: number): number {
  if (!Number.isInteger(scale) || scale < 0 || scale > 9)
    throw new RangeError(`A scale is a whole number from 0 to 9, not ${scale}.`)
  return scale
}
