import type { GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import type { Dialect } from '../contract/dialect.js'
import { orderText, readingOrder } from '../contract/reading-order.js'
import type { Statement } from '../contract/values.js'
import { columnOf, compileFilter } from './filter.js'
import { Parameters } from './parameters.js'
import type { Filter, RowsQuery } from './query.js'
import { conditionAfter, type Range, rangesAfter, rangesOfAll } from './seek.js'
import { type Key, orderBy, reversed, sortKeys } from './sort-keys.js'

/**
 * One page of rows. The statement reads the asked columns and, behind them, those of the sort keys, and nothing else. It depends on the
 * values only as far as NULLs and values that no row can have go. Throws a RangeError for a query that does not fit its model.
 */
export function compileRows(query: RowsQuery, dialect: Dialect): Statement {
  const parameters = new Parameters(dialect)
  const table = dialect.goldTable(query.build, query.model.name)
  const { unsorted, ...statement } = pageOf(query, table, dialect, parameters)
  // An engine that finds a position by an index finds the order there too.
  if (unsorted === undefined || dialect.seeks !== 'scan') return statement
  const order = orderText(query.order)
  if (query.order.some(({ nulls }) => nulls !== 'last')) return statement
  if (order !== orderText(readingOrder(query.model))) return statement
  return {
    ...statement,
    inReadingOrder: { model: query.model.name, tag: query.build.tag, order, sql: unsorted, limit: query.limit },
  }
}

/** One page of whatever `table` is, a table or SELECT in parentheses with an alias, whose columns are those of the query's model. */
export function compilePage(
  query: Omit<RowsQuery, 'build'>,
  table: string,
  dialect: Dialect,
  parameters: Parameters,
): Statement {
  const { unsorted, ...statement } = pageOf(query, table, dialect, parameters)
  return statement
}

/** The same of a `table` that has one row at most: there is nothing to sort or to cut. */
export function compileOnlyRow(
  query: Omit<RowsQuery, 'build' | 'seek'>,
  table: string,
  dialect: Dialect,
  parameters: Parameters,
): Statement {
  const { unsorted, ...statement } = pageOf(query, table, dialect, parameters)
  if (unsorted === undefined) throw new RangeError(`A row of ${query.model.name} that is alone is read from its front.`)
  return { ...statement, sql: unsorted, atMostRows: 1 }
}

/** `unsorted`: the same text without order and limit, for rows that lie in the order already; undefined where it takes more than leaving these out. */
function pageOf(
  query: Omit<RowsQuery, 'build'>,
  table: string,
  dialect: Dialect,
  parameters: Parameters,
): Statement & { readonly unsorted: string | undefined } {
  const { model, seek, limit } = query
  if (query.columns.length === 0) throw new RangeError(`Rows of ${model.name} need at least one column.`)
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 0))
    throw new RangeError(`A page has a whole number of rows, not ${limit}.`)
  const columns = [...new Set([...query.columns, ...query.order.map((key) => key.column)])].map((name) =>
    columnOf(model, name),
  )
  const filter = query.where === undefined ? [] : [compileFilter(query.where, model, dialect, parameters)]
  const keys = sortKeys(query, dialect, parameters)
  const reading = query.fromEnd === true ? keys.map(reversed) : keys

  const names = columns.map((column) => dialect.quote(column.name)).join(', ')
  const select = (from: string, conditions: readonly string[], order: readonly Key[], rows?: number): string =>
    [
      `SELECT ${names}`,
      `FROM ${from}`,
      ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join('\n  AND ')}`]),
      ...(order.length === 0 ? [] : [`ORDER BY ${orderBy(order, dialect)}`]),
      ...(rows === undefined ? [] : [`LIMIT ${rows}`]),
    ].join('\n')
  const conditionsOf = ({ condition }: Range) => (condition === undefined ? filter : [...filter, condition])
  const one = (range: Range): string => select(table, conditionsOf(range), range.keys, limit)

  const ranges = rangesOf(keys, reading, seek?.side, dialect)
  const [single, ...more] = ranges.map(one)
  let sql: string
  if (single !== undefined && more.length === 0) sql = single
  else
    sql = select(
      `(\n${[single, ...more].map((each) => `(${each})`).join('\nUNION ALL\n')}\n) AS ${dialect.quote('ranges')}`,
      [],
      reading,
      limit,
    )
  if (query.fromEnd === true) sql = select(`(\n${sql}\n) AS ${dialect.quote('page')}`, [], keys)
  const [only] = ranges
  const unsorted =
    only && more.length === 0 && query.fromEnd !== true && seek?.side !== 'before'
      ? select(table, conditionsOf(only), [])
      : undefined
  return {
    ...{ sql, unsorted, params: parameters.all() },
    columns: columns.map(({ name, type }) => ({ name, type })),
    ...(limit === undefined ? {} : { atMostRows: limit }),
  }
}

/** How many rows the filter leaves: one row with the integer `count`. */
export function compileCount(
  model: GoldModel,
  build: BuildRef,
  where: Filter | undefined,
  dialect: Dialect,
): Statement {
  const parameters = new Parameters(dialect)
  const condition = where === undefined ? '' : `\nWHERE ${compileFilter(where, model, dialect, parameters)}`
  const sql = `SELECT COUNT(*) AS ${dialect.quote('count')}\nFROM ${dialect.goldTable(build, model.name)}${condition}`
  return countStatement(sql, parameters)
}

/** Of a text that gives one integer. */
export function countStatement(sql: string, parameters: Parameters): Statement {
  const columns = [{ name: 'count', type: { kind: 'integer' } } as const]
  return { sql, params: parameters.all(), columns, atMostRows: 1, aggregates: true }
}

function rangesOf(
  keys: readonly Key[],
  reading: readonly Key[],
  side: 'after' | 'before' | undefined,
  dialect: Dialect,
): Range[] {
  if (side === undefined) return dialect.seeks === 'scan' ? [{ keys: reading }] : rangesOfAll(reading)
  const seeking = side === 'before' ? keys.map(reversed) : keys
  if (dialect.seeks === 'scan') return [{ condition: conditionAfter(seeking, dialect), keys: reading }]
  const ranges = rangesAfter(seeking, dialect)
  if (ranges.length === 0) return [{ condition: 'FALSE', keys: reading }]
  const sameWay = seeking[0]?.direction === reading[0]?.direction
  return sameWay ? ranges : ranges.map((range) => ({ ...range, keys: range.keys.map(reversed) }))
}
