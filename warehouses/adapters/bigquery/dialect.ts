import type { LogicalType } from '../../../models/types.js'
import type { DateGrain, Dialect, Macros } from '../../contract/dialect.js'
import { castTo, checkScale, comparison, orderTerm } from '../../dialect/standard.js'
import { typeName } from './types.js'

/**
 * Backticks take no doubled backtick, and what BigQuery allows in the name of a column is a word anyway: everything else is
 * refused here, so that nothing can break out of the quotes.
 */
function quoteName(identifier: string): string {
  if (!/^\w{1,300}$/.test(identifier))
    throw new RangeError(`Not a name in BigQuery: ${JSON.stringify(identifier)}. It may have letters, digits and _.`)
  return `\`${identifier}\``
}

/** Where the tables are. Jobs name no default dataset: each statement says by itself what it reads. */
export interface Place {
  readonly project: string
  readonly dataset: string
}

/** `project`.`dataset`.`name`, or the bare name without a place. The options checked both, a project may have dashes. */
export const tableIn = (place: Place | undefined, name: string): string =>
  place === undefined ? quoteName(name) : `\`${place.project}\`.${quoteName(place.dataset)}.${quoteName(name)}`

/** Digits behind the point that `ratio` keeps of its operands: a price (4) times a rate (6). */
const operand = 'BIGNUMERIC(38, 10)'

/** INTEGER is INT64. Written so because the emulator's engine adds only 32-bit integers to a date, and pads to no other length. */
const count = (expression: string): string => castTo(expression, 'INTEGER')

const date = (expression: string): string => castTo(expression, 'DATE')

const stepOf: Readonly<Record<DateGrain, string>> = {
  day: '1 DAY',
  week: '7 DAY',
  month: '1 MONTH',
  quarter: '3 MONTH',
  year: '1 YEAR',
}

const macros: Macros = {
  truncDate(grain, expression) {
    if (grain === 'day') return date(expression)
    // DATE_TRUNC(…, WEEK) begins on Sunday; ISOWEEK is unknown to the emulator.
    if (grain === 'week')
      return `(${date(expression)} - ${count(`MOD(EXTRACT(DAYOFWEEK FROM ${date(expression)}) + 5, 7)`)})`
    return date(`DATE_TRUNC(${date(expression)}, ${grain.toUpperCase()})`)
  },
  daysBetween: (start, end) => `DATE_DIFF(${date(end)}, ${date(start)}, DAY)`,
  addDays: (expression, days) => `(${date(expression)} + ${count(days)})`,
  monthEnd: (expression) => `LAST_DAY(${date(expression)}, MONTH)`,
  /**
   * A quotient of BIGNUMERICs has 38 digits behind the point, where operands of at most 10^28 units lie at least 5 × 10^-38 apart from a
   * tie: rounding it again is exact. SAFE_DIVIDE gives NULL for a zero denominator.
   */
  ratio(numerator, denominator, scale) {
    const quotient = `SAFE_DIVIDE(${castTo(numerator, operand)}, ${castTo(denominator, operand)})`
    return castTo(`ROUND(${quotient}, ${checkScale(scale)})`, typeName({ kind: 'decimal', precision: 38, scale }))
  },
  /** NUMERIC × NUMERIC is rounded to 9 digits; a BIGNUMERIC in front widens the product. */
  mul: (left, right) => `(${castTo('1', 'BIGNUMERIC(38, 0)')} * (${left}) * (${right}))`,
  /** ROUND of an INT64 is a FLOAT64. */
  round: (expression, scale) => `ROUND(${castTo('1', 'BIGNUMERIC(38, 0)')} * (${expression}), ${checkScale(scale)})`,
  /** LEAST and GREATEST are NULL where one of both is. */
  least: (left, right) => `LEAST(COALESCE(${left}, ${right}), COALESCE(${right}, ${left}))`,
  greatest: (left, right) => `GREATEST(COALESCE(${left}, ${right}), COALESCE(${right}, ${left}))`,
  monthEnds: (first, last) =>
    `(SELECT LAST_DAY(month_start, MONTH) AS month_end` +
    ` FROM UNNEST(GENERATE_DATE_ARRAY(${macros.truncDate('month', first)}, ${date(last)}, INTERVAL 1 MONTH)) AS month_start` +
    ` WHERE LAST_DAY(month_start, MONTH) < ${date(last)})`,
}

/** CAST writes a decimal without the zeros at its end ("12.5"), and FORMAT_TIMESTAMP a year before 1000 without those in front. */
function canonicalText(expression: string, type: LogicalType): string {
  if (type.kind === 'timestamp') {
    const moment = castTo(expression, 'TIMESTAMP')
    return `CONCAT(CAST(DATE(${moment}) AS STRING), FORMAT_TIMESTAMP('T%H:%M:%E6SZ', ${moment}))`
  }
  if (type.kind !== 'decimal') return castTo(castTo(expression, typeName(type)), 'STRING')
  // One digit in front of the point at least: the emulator writes ".5" without it.
  const wide = { ...type, precision: Math.min(Math.max(type.precision, type.scale + 1), 38) }
  const text = castTo(castTo(expression, typeName(wide)), 'STRING')
  if (type.scale === 0) return text
  const point = `STRPOS(${text}, '.')`
  return `IF(${point} = 0, CONCAT(${text}, '.${'0'.repeat(type.scale)}'), RPAD(${text}, ${count(`${point} + ${type.scale}`)}, '0'))`
}

/** Timestamps are instants, and text compares by code point, without saying so. */
export function bigqueryDialectAt(place?: Place): Dialect {
  return {
    name: 'bigquery',
    seeks: 'scan',
    quote: quoteName,
    /** Parameters are sent with their type. */
    param: (n) => `@p${n}`,
    ddlType: typeName,
    cast: (expression, type) => castTo(expression, typeName(type)),
    silverTable: (entity) => tableIn(place, `silver_${entity}`),
    goldTable: (build, model) => tableIn(place, `gold_${model}__${build.tag}`),
    goldView: (model) => tableIn(place, model),
    orderBy: (expression, _type, direction, nulls) => orderTerm(expression, direction, nulls),
    compare: comparison,
    /** The empty part is in every text, the empty one too; what STRPOS says of it is not documented. */
    contains: (expression, part) =>
      `(STRPOS(${expression}, ${part}) > 0 OR (${part} = '' AND ${expression} IS NOT NULL))`,
    startsWith: (expression, prefix) => `STARTS_WITH(${expression}, ${prefix})`,
    canonicalText,
    textLength: (text) => `CHAR_LENGTH(${text})`,
    periods: (grain, first, last) =>
      `(SELECT period_start FROM UNNEST(GENERATE_DATE_ARRAY(${macros.truncDate(grain, first)}, ${date(last)}, INTERVAL ${stepOf[grain]})) AS period_start)`,
    hash60: (text) => `CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(${text})), 1, 15)) AS INT64)`,
    macros,
  }
}

export const bigqueryDialect = bigqueryDialectAt()
