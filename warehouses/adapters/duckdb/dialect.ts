import type { LogicalType } from '../../../models/types.js'
import type { Dialect, Macros } from '../../contract/dialect.js'
import {
  castTo,
  checkScale,
  comparison,
  containsPart,
  dateDifference,
  dateSum,
  greatestOf,
  intervalOf,
  leastOf,
  orderTerm,
  powerOfTen,
  powerOfTenth,
  qualifiedName,
  quoteIdentifier,
  startsWithPrefix,
} from '../../dialect/standard.js'

function typeName(type: LogicalType): string {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return 'VARCHAR'
    case 'integer':
      return 'BIGINT'
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'timestamp':
      return 'TIMESTAMPTZ'
  }
}

const truncate = (grain: string, date: string): string => `date_trunc('${grain}', ${castTo(date, 'DATE')})`

/** Digits behind the point that `ratio` keeps of its operands: a price (4) times a rate (6). */
const operandScale = 10

/** A decimal as a whole number of 10^-operandScale, exact up to 10^28: what is in front of its point and what is behind it, since both together would be too large for a decimal. */
const scaledInteger = (expression: string): string => {
  const operand = castTo(expression, `DECIMAL(38,${operandScale})`)
  const whole = castTo(`trunc(${operand})`, 'HUGEINT')
  const rest = castTo(`(${operand} % 1) * ${powerOfTen(operandScale)}`, 'HUGEINT')
  return `(${whole} * ${powerOfTen(operandScale)} + ${rest})`
}

const macros: Macros = {
  truncDate: (grain, date) => (grain === 'day' ? castTo(date, 'DATE') : castTo(truncate(grain, date), 'DATE')),
  daysBetween: dateDifference,
  addDays: dateSum,
  monthEnd: (date) => `last_day(${castTo(date, 'DATE')})`,
  /** DECIMAL / anything and DECIMAL // anything are DOUBLE; HUGEINT // HUGEINT is exact and truncates towards zero. */
  ratio(numerator, denominator, scale) {
    const n = scaledInteger(numerator)
    const d = scaledInteger(denominator)
    const quotient = `(2 * ${powerOfTen(checkScale(scale))} * ${n} + sign(${n}) * abs(${d})) // NULLIF(2 * ${d}, 0)`
    return castTo(`${castTo(quotient, 'DECIMAL(38,0)')} * ${powerOfTenth(scale)}`, `DECIMAL(38,${scale})`)
  },
  /** DECIMAL(18,2) * DECIMAL(18,6) is DECIMAL(18,8) and overflows at 10^10; a factor of 38 digits in front widens the product. */
  mul: (left, right) => `(${castTo('1', 'DECIMAL(38,0)')} * (${left}) * (${right}))`,
  round: (expression, scale) => `round(${expression}, ${checkScale(scale)})`,
  least: leastOf,
  greatest: greatestOf,
  monthEnds: (first, last) =>
    `(SELECT last_day(month_start) AS month_end` +
    ` FROM (SELECT unnest(generate_series(${castTo(truncate('month', first), 'TIMESTAMP')}, ${castTo(last, 'TIMESTAMP')}, INTERVAL '1 month')) AS month_start) AS months` +
    ` WHERE last_day(month_start) < ${castTo(last, 'DATE')})`,
}

function canonicalText(expression: string, type: LogicalType): string {
  if (type.kind === 'timestamp')
    return `strftime(${castTo(expression, 'TIMESTAMPTZ')} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`
  const text = castTo(castTo(expression, typeName(type)), 'VARCHAR')
  // DECIMAL(9,9) is written ".5", every other one with a digit before the point.
  if (type.kind === 'decimal' && type.precision === type.scale) return `regexp_replace(${text}, '^(-?)\\.', '\\10.')`
  return text
}

/** Timestamps are TIMESTAMPTZ; the adapter sets the session's TimeZone to UTC. VARCHAR compares by code point. */
export const duckdbDialect: Dialect = {
  name: 'duckdb',
  seeks: 'scan',
  quote: quoteIdentifier,
  param: (n, type) => castTo(`$${n}`, typeName(type)),
  ddlType: typeName,
  cast: (expression, type) => castTo(expression, typeName(type)),
  silverTable: (entity) => qualifiedName('silver', entity),
  goldTable: (build, model) => qualifiedName(build.tag, 'gold', model),
  goldView: (model) => qualifiedName('gold', model),
  orderBy: (expression, _type, direction, nulls) => orderTerm(expression, direction, nulls),
  compare: comparison,
  contains: containsPart,
  startsWith: startsWithPrefix,
  canonicalText,
  textLength: (text) => `length(${text})`,
  periods: (grain, first, last) =>
    `(SELECT ${castTo('period', 'DATE')} AS period_start FROM (SELECT unnest(generate_series(${castTo(macros.truncDate(grain, first), 'TIMESTAMP')}, ${castTo(last, 'TIMESTAMP')}, INTERVAL '${intervalOf[grain]}')) AS period) AS periods)`,
  /** md5_number would be quicker and has its bytes in the other order. */
  hash60: (text) => castTo(`'0x' || substr(md5(${text}), 1, 15)`, 'BIGINT'),
  macros,
}
