import type { Dialect } from '../contract/dialect.js'
import type { Statement } from '../contract/values.js'
import { columnOf, compileFilter } from './filter.js'
import { type Keys, keysFilter } from './keys.js'
import { Parameters } from './parameters.js'
import type { RowsQuery } from './query.js'
import { conditionAfter } from './seek.js'
import { type Key, orderBy, sortKeys } from './sort-keys.js'

/** Rows that belong to parents, so many to each: `limit`, `where` and `seek` are those of one parent's list. */
export interface RelatedQuery extends Omit<RowsQuery, 'seek' | 'fromEnd' | 'limit'> {
  /** Columns here that hold the keys of the parents. */
  readonly parents: Keys
  readonly limit: number
  readonly seek?: { readonly side: 'after'; readonly values: NonNullable<RowsQuery['seek']>['values'] }
}

/**
 * The first rows of every parent, all parents in one statement. It reads the asked columns, those of the parents' keys and those of the sort keys. Rows come in
 * the order asked for, parents mixed. Throws a RangeError for a query that does not fit its model.
 */
export function compileRelated(query: RelatedQuery, dialect: Dialect): Statement {
  const { model, parents, order, limit } = query
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new RangeError(`A page has a whole number of rows, not ${limit}.`)
  const parameters = new Parameters(dialect)
  const names = [...new Set([...query.columns, ...parents.columns, ...order.map(({ column }) => column)])]
  const columns = names.map((name) => columnOf(model, name))
  const keys = sortKeys(query, dialect, parameters)
  const conditions = [
    ...(query.where === undefined ? [] : [compileFilter(query.where, model, dialect, parameters)]),
    ...(query.seek === undefined ? [] : [conditionAfter(keys, dialect)]),
  ]
  const parts = { names: names.map(dialect.quote), conditions, keys, parameters }
  const sql = dialect.seeks === 'ranges' ? oneByOne(query, parts, dialect) : ranked(query, parts, dialect)
  return { sql, params: parameters.all(), columns: columns.map(({ name, type }) => ({ name, type })) }
}

interface Parts {
  readonly names: readonly string[]
  readonly conditions: readonly string[]
  readonly keys: readonly Key[]
  readonly parameters: Parameters
}

/** One range of an index for each parent: a parent with many rows costs no more than one with few. */
function oneByOne(
  { model, build, parents, limit }: RelatedQuery,
  { names, conditions, keys, parameters }: Parts,
  dialect: Dialect,
): string {
  const { quote } = dialect
  const types = parents.columns.map((name) => columnOf(model, name).type)
  const tuples = parents.values.map(
    (values) => `(${types.map((type, i) => parameters.bind(valueAt(values, i), type)).join(', ')})`,
  )
  const held = types.map((_, i) => quote(`parent_key_${i + 1}`))
  const same = parents.columns.map((name, i) =>
    dialect.compare(quote(name), '=', `${quote('parents')}.${held[i]}`, columnOf(model, name).type),
  )
  return [
    `SELECT ${names.map((name) => `${quote('children')}.${name}`).join(', ')}`,
    `FROM (VALUES ${tuples.join(', ')}) AS ${quote('parents')}(${held.join(', ')})`,
    'CROSS JOIN LATERAL (',
    `SELECT ${names.join(', ')}`,
    `FROM ${dialect.goldTable(build, model.name)}`,
    `WHERE ${[...same, ...conditions].join('\n  AND ')}`,
    `ORDER BY ${orderBy(keys, dialect)}`,
    `LIMIT ${limit}`,
    `) AS ${quote('children')}`,
    `ORDER BY ${orderBy(keys, dialect)}`,
  ].join('\n')
}

/** One pass over the table. */
function ranked(
  { model, build, parents, limit }: RelatedQuery,
  { names, conditions, keys, parameters }: Parts,
  dialect: Dialect,
): string {
  const { quote } = dialect
  const rank = quote('row_of_parent')
  const partition = parents.columns.map(quote).join(', ')
  const belonging = compileFilter(keysFilter(parents), model, dialect, parameters)
  return [
    `SELECT ${names.join(', ')}`,
    'FROM (',
    `SELECT ${names.join(', ')}, ROW_NUMBER() OVER (PARTITION BY ${partition} ORDER BY ${orderBy(keys, dialect)}) AS ${rank}`,
    `FROM ${dialect.goldTable(build, model.name)}`,
    `WHERE ${[belonging, ...conditions].join('\n  AND ')}`,
    `) AS ${quote('children')}`,
    `WHERE ${rank} <= ${limit}`,
    `ORDER BY ${orderBy(keys, dialect)}`,
  ].join('\n')
}

/** How many rows each parent has: its key, and the integer `row_count`. Parents without rows are not there. */
export function compileRelatedCounts(
  { model, build, parents, where }: Pick<RelatedQuery, 'model' | 'build' | 'parents' | 'where'>,
  dialect: Dialect,
): Statement {
  const parameters = new Parameters(dialect)
  const keys = parents.columns.map((name) => columnOf(model, name))
  const names = keys.map(({ name }) => dialect.quote(name)).join(', ')
  const all = where === undefined ? keysFilter(parents) : { and: [keysFilter(parents), where] }
  const sql = [
    `SELECT ${names}, COUNT(*) AS ${dialect.quote(rowCount)}`,
    `FROM ${dialect.goldTable(build, model.name)}`,
    `WHERE ${compileFilter(all, model, dialect, parameters)}`,
    `GROUP BY ${names}`,
  ].join('\n')
  const count = { name: rowCount, type: { kind: 'integer' } } as const
  const columns = [...keys.map(({ name, type }) => ({ name, type })), count]
  return { sql, params: parameters.all(), columns, aggregates: true }
}

/** The column of `compileRelatedCounts` that counts. */
export const rowCount = 'row_count'

function valueAt<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new RangeError('A key has one value for each of its columns.')
  return value
}
