import type { Dialect } from '../contract/dialect.js'
import type { Statement } from '../contract/values.js'
import { aggregate, latestMark, needsLatest, readColumns } from './aggregate.js'
import { filledSelect } from './fill.js'
import { columnOf, compileFilter } from './filter.js'
import {
  dimensionName,
  type GroupDimension,
  type GroupMeasure,
  type GroupsQuery,
  groupedType,
  groupModel,
  groupRows,
  measureName,
  measureOf,
  runningDimension,
  shareScale,
} from './group-query.js'
import { Parameters } from './parameters.js'
import type { Filter } from './query.js'
import { compileOnlyRow, compilePage, countStatement } from './rows.js'

/** Groups that are not cut into pages. */
type AllGroups = Omit<GroupsQuery, 'order' | 'seek' | 'limit'>

/** One page of groups. Reads the columns that its dimensions, measures and `where` name. Throws a RangeError for a query that does not fit its model. */
export function compileGroups(query: GroupsQuery, dialect: Dialect): Statement {
  const parameters = new Parameters(dialect)
  const model = groupModel(query)
  const groups = `(\n${groupsSelect(query, dialect, parameters)}\n) AS ${dialect.quote('groups')}`
  const { having, order, seek, limit } = query
  const columns = model.columns.map(({ name }) => name).filter((name) => name !== groupRows)
  const page = {
    ...{ model, columns: columns.length === 0 ? [groupRows] : columns },
    ...{ order: order.length === 0 ? [{ column: groupRows, direction: 'asc', nulls: 'last' } as const] : order },
    ...(having === undefined ? {} : { where: having }),
  }
  // No index serves a group.
  const scanning: Dialect = { ...dialect, seeks: 'scan' }
  // The grand total is one row, and without an order its place has no values: before and behind it there is none.
  const isOnlyRow = query.dimensions.length === 0 && seek === undefined && limit !== 0
  const cut = seek?.values.length === 0 ? { limit: 0 } : { limit, ...(seek === undefined ? {} : { seek }) }
  const statement = isOnlyRow
    ? compileOnlyRow({ ...page, limit }, groups, scanning, parameters)
    : compilePage({ ...page, ...cut }, groups, scanning, parameters)
  return { ...statement, aggregates: true }
}

/** How many groups `having` leaves: one row with the integer `count`. */
export function compileGroupCount(query: AllGroups, dialect: Dialect): Statement {
  const parameters = new Parameters(dialect)
  const groups = groupsSelect(query, dialect, parameters)
  const having = condition(query.having, groupModel(query), dialect, parameters)
  const sql = `SELECT COUNT(*) AS ${dialect.quote('count')}\nFROM (\n${groups}\n) AS ${dialect.quote('groups')}${having}`
  return countStatement(sql, parameters)
}

function groupsSelect(query: AllGroups, dialect: Dialect, parameters: Parameters): string {
  const { model, dimensions, measures } = query
  const bases = [...new Set(measures.map(({ column }) => column))].map((column) => measureOf(model, column))
  const keys = dimensions.map((dimension) => dimensionSql(dimension, dialect))
  const names = dimensions.map((dimension) => dialect.quote(dimensionName(dimension)))
  const figures = bases.map(
    (measure) =>
      `${aggregate(model, measure, dialect, keys.length === 0 ? 'zero' : 'null')} AS ${dialect.quote(measure.name)}`,
  )
  const select = [
    ...keys.map((key, i) => `${key} AS ${names[i]}`),
    ...figures,
    `COUNT(*) AS ${dialect.quote(groupRows)}`,
  ]
  const table = dialect.goldTable(query.build, model.name)
  const where = condition(query.where, model, dialect, parameters)
  const marked = bases.some((measure) => needsLatest(model, measure))
  const read = [...new Set([...dimensions.map(({ column }) => column), ...bases.flatMap(readColumns)])].map(
    dialect.quote,
  )
  const rows = marked
    ? `(\nSELECT ${[...read, latestMark(model, keys, dialect)].join(', ')}\nFROM ${table}${where}\n) AS ${dialect.quote('rows')}`
    : `${table}${where}`
  const groupBy = keys.length === 0 ? '' : `\nGROUP BY ${keys.map((_, i) => i + 1).join(', ')}`
  const grouped = `SELECT ${select.join(', ')}\nFROM ${rows}${groupBy}`
  const whole = query.fill ? filledSelect(query, grouped, bases, dialect, parameters) : grouped
  const forms = measures.filter(({ form }) => form !== 'value')
  if (forms.length === 0) return whole
  const derived = forms.map(
    (measure) => `${formSql(query, measure, dialect)} AS ${dialect.quote(measureName(measure))}`,
  )
  return `SELECT *, ${derived.join(', ')}\nFROM (\n${whole}\n) AS ${dialect.quote('sums')}`
}

function dimensionSql({ column, grain }: GroupDimension, dialect: Dialect): string {
  const name = dialect.quote(column)
  return grain === undefined || grain === 'day' ? name : dialect.macros.truncDate(grain, name)
}

/** A share or a running total, over the groups. */
function formSql({ model, dimensions }: AllGroups, { column, form }: GroupMeasure, dialect: Dialect): string {
  const name = dialect.quote(column)
  if (form === 'share') return dialect.macros.ratio(name, `SUM(${name}) OVER ()`, shareScale)
  const along = runningDimension(model, dimensions)
  const others = dimensions.filter((each) => each !== along).map((each) => dialect.quote(dimensionName(each)))
  const time = dialect.quote(dimensionName(along))
  const { type, nullable } = columnOf(model, along.column)
  // Rows without a date are in no period, and so in none that is earlier.
  const apart = nullable ? [...others, `${time} IS NULL`] : others
  const partition = apart.length === 0 ? '' : `PARTITION BY ${apart.join(', ')} `
  const order = dialect.orderBy(time, type, 'asc', 'first')
  const running = `SUM(${name}) OVER (${partition}ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
  return dialect.cast(running, groupedType(measureOf(model, column)))
}

function condition(
  filter: Filter | undefined,
  model: GroupsQuery['model'],
  dialect: Dialect,
  parameters: Parameters,
): string {
  return filter === undefined ? '' : `\nWHERE ${compileFilter(filter, model, dialect, parameters)}`
}
