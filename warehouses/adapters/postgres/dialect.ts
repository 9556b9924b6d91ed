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

/** The types without a collation, as CAST wants them. */
function typeName(type: LogicalType): string {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return 'text'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`
    case 'boolean':
      return 'boolean'
    case 'date':
      return 'date'
    case 'timestamp':
      return 'timestamptz(6)'
  }
}

/**
 * Columns and casts carry `COLLATE "C"`, so that a comparison with a parameter (of the database's default collation) and every
 * index are by code point without saying it again: the only collation that is not the default wins.
 */
const collated = (expression: string, type: LogicalType): string =>
  type.kind === 'text' || type.kind === 'enum' ? `${expression} COLLATE "C"` : expression

/** date_trunc of a date goes through timestamptz and so through the session's time zone; of a timestamp it does not. */
const truncate = (grain: string, date: string): string => `date_trunc('${grain}', ${castTo(date, 'timestamp')})`

const macros: Macros = {
  truncDate: (grain, date) => (grain === 'day' ? castTo(date, 'date') : castTo(truncate(grain, date), 'date')),
  daysBetween: dateDifference,
  addDays: dateSum,
  monthEnd: (date) => castTo(`${truncate('month', date)} + INTERVAL '1 month' - INTERVAL '1 day'`, 'date'),
  /** div() truncates towards zero and is exact; `/` between numerics keeps about 16 significant digits. */
  ratio(numerator, denominator, scale) {
    const n = castTo(numerator, 'numeric')
    const d = castTo(denominator, 'numeric')
    const quotient = `div(2 * ${powerOfTen(checkScale(scale))} * ${n} + sign(${n}) * abs(${d}), NULLIF(2 * ${d}, 0))`
    return castTo(`${quotient} * ${powerOfTenth(scale)}`, `numeric(38,${scale})`)
  },
  mul: (left, right) => `(${castTo(left, 'numeric')} * ${castTo(right, 'numeric')})`,
  round: (expression, scale) => `round(${castTo(expression, 'numeric')}, ${checkScale(scale)})`,
  least: leastOf,
  greatest: greatestOf,
  monthEnds: (first, last) =>
    `(SELECT ${castTo(`month_start + INTERVAL '1 month' - INTERVAL '1 day'`, 'date')} AS month_end` +
    ` FROM generate_series(${truncate('month', first)}, ${castTo(last, 'timestamp')}, INTERVAL '1 month') AS months(month_start)` +
    ` WHERE month_start + INTERVAL '1 month' - INTERVAL '1 day' < ${castTo(last, 'timestamp')})`,
}

/** By formats of their own: text of a date depends on the session otherwise. */
function canonicalText(expression: string, type: LogicalType): string {
  if (type.kind === 'date') return `to_char(${castTo(expression, 'timestamp')}, 'YYYY-MM-DD')`
  if (type.kind === 'timestamp')
    return `to_char(${castTo(expression, 'timestamptz')} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
  return castTo(castTo(expression, typeName(type)), 'text')
}

export const postgresDialect: Dialect = {
  name: 'postgres',
  seeks: 'ranges',
  quote: quoteIdentifier,
  /** numeric without digits: a value with more of them than the column compares exactly, and the column's index still serves. */
  param: (n, type) => castTo(`$${n}`, type.kind === 'decimal' ? 'numeric' : typeName(type)),
  ddlType: (type) => collated(typeName(type), type),
  cast: (expression, type) => collated(castTo(expression, typeName(type)), type),
  silverTable: (entity) => qualifiedName('silver', entity),
  goldTable: (build, model) => qualifiedName('gold_builds', `${model}__${build.tag}`),
  goldView: (model) => qualifiedName('gold', model),
  orderBy: (expression, _type, direction, nulls) => orderTerm(expression, direction, nulls),
  compare: comparison,
  contains: containsPart,
  startsWith: startsWithPrefix,
  canonicalText,
  textLength: (text) => `length(${text})`,
  periods: (grain, first, last) =>
    `(SELECT ${castTo('period', 'date')} AS period_start FROM generate_series(${castTo(macros.truncDate(grain, first), 'timestamp')}, ${castTo(last, 'timestamp')}, INTERVAL '${intervalOf[grain]}') AS periods(period))`,
  hash60: (text) => `('x' || substr(md5(convert_to(${text}, 'UTF8')), 1, 15))::bit(60)::bigint`,
  macros,
}
