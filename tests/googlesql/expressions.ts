import { boolean, closedList, date, decimal, integer, text, timestamp } from '../../models/columns.js'
import type { LogicalType } from '../../models/types.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'

export const columnsOfAllTypes: readonly { readonly name: string; readonly type: LogicalType }[] = [
  { name: 'label', type: text },
  { name: 'state', type: closedList('State', ['low', 'high']) },
  { name: 'count', type: integer },
  { name: 'amount', type: decimal(18, 2) },
  { name: 'rate', type: decimal(18, 6) },
  { name: 'exact', type: decimal(38, 9) },
  { name: 'widest', type: decimal(38, 2) },
  { name: 'open', type: boolean },
  { name: 'day', type: date },
  { name: 'moment', type: timestamp },
]

interface Expression {
  readonly what: string
  /** An expression, or a whole SELECT with a column x. */
  readonly sql: string
  /** What the contract promises; absent where it leaves it to the engine. */
  readonly type?: LogicalType
}

/** Everything of the contract `Dialect` that is not a name, each with ordinary arguments. */
export function expressions(dialect: Dialect): Expression[] {
  const { macros, quote } = dialect
  const [day, moment, count, amount] = ['day', 'moment', 'count', 'amount'].map(quote)
  if (day === undefined || moment === undefined || count === undefined || amount === undefined) return []
  const numbers = columnsOfAllTypes.filter(({ type }) => type.kind === 'decimal' || type.kind === 'integer')
  const grains = ['day', 'week', 'month', 'quarter', 'year'] as const
  return [
    ...grains.map((grain) => ({ what: `trunc_date ${grain}`, sql: macros.truncDate(grain, day), type: date })),
    { what: 'days_between', sql: macros.daysBetween(day, macros.addDays(day, '1')), type: integer },
    { what: 'add_days of a column', sql: macros.addDays(day, count), type: date },
    { what: 'month_end', sql: macros.monthEnd(day), type: date },
    {
      what: 'month_ends',
      sql: `SELECT month_end AS x FROM ${macros.monthEnds("DATE '2024-01-31'", "DATE '2024-06-01'")} AS e`,
      type: date,
    },
    ...[0, 2, 9].map((scale) => ({
      what: `ratio of ${scale} digits`,
      sql: macros.ratio(amount, count, scale),
      type: decimal(38, scale),
    })),
    ...numbers.flatMap(({ name }) => [
      { what: `mul of ${name} and count`, sql: macros.mul(quote(name), count) },
      { what: `round of ${name}`, sql: macros.round(quote(name), 2) },
      { what: `ratio of ${name}`, sql: macros.ratio(quote(name), amount, 4), type: decimal(38, 4) },
    ]),
    ...columnsOfAllTypes.flatMap(({ name, type }) => [
      { what: `least of ${name}`, sql: macros.least(quote(name), quote(name)), type },
      { what: `greatest of ${name}`, sql: macros.greatest(quote(name), quote(name)), type },
      { what: `cast to ${type.kind} (${name})`, sql: dialect.cast(quote(name), type), type },
      { what: `cast of ${name} to text`, sql: dialect.cast(quote(name), text), type: text },
      { what: `cast of NULL to ${type.kind} (${name})`, sql: dialect.cast('NULL', type), type },
      { what: `canonical text of ${name}`, sql: dialect.canonicalText(quote(name), type), type: text },
      { what: `compare ${name}`, sql: dialect.compare(quote(name), '>=', quote(name), type), type: boolean },
      {
        what: `order by ${name}`,
        sql: `SELECT ${quote(name)} AS x FROM ${dialect.silverTable('columns_of_all_types')} ORDER BY ${dialect.orderBy(quote(name), type, 'desc', 'last')}`,
        type,
      },
    ]),
    { what: 'contains', sql: dialect.contains(quote('label'), "'a'"), type: boolean },
    { what: 'starts_with', sql: dialect.startsWith(quote('label'), "'a'"), type: boolean },
    { what: 'length of a text', sql: dialect.textLength(quote('label')), type: integer },
    { what: 'hash of a text', sql: dialect.hash60(quote('label')), type: integer },
    { what: 'sum of hashes', sql: `SUM(${dialect.hash60(dialect.canonicalText(amount, decimal(18, 2)))})` },
  ]
}
