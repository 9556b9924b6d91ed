import type { LogicalType } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import type { Value } from '../contract/values.js'
import { columnOf } from './filter.js'
import type { Parameters } from './parameters.js'
import type { RowsQuery, SortKey } from './query.js'

/** A sort key as SQL, with the position to seek in it: SQL of a bound value, null for NULL, absent when there is no position. */
export interface Key {
  readonly column: string
  readonly type: LogicalType
  readonly nullable: boolean
  readonly direction: 'asc' | 'desc'
  readonly nulls: 'first' | 'last'
  readonly position?: string | null
}

/** Where a B-tree keeps its NULLs when read in this direction: only such an order comes out of an index. */
export const naturalNulls = (direction: 'asc' | 'desc'): 'first' | 'last' => (direction === 'asc' ? 'last' : 'first')

export const reversed = (key: Key): Key => ({
  ...key,
  direction: key.direction === 'asc' ? 'desc' : 'asc',
  nulls: key.nulls === 'first' ? 'last' : 'first',
})

/** The order's keys; a column without NULLs gets the natural NULL order, whatever was asked, so that an index serves it. */
export function sortKeys(query: Omit<RowsQuery, 'build'>, dialect: Dialect, parameters: Parameters): Key[] {
  const { model, order, seek } = query
  if (order.length === 0) throw new RangeError(`Rows of ${model.name} need an order.`)
  if (seek !== undefined && seek.values.length !== order.length)
    throw new RangeError(`A position in ${model.name} has ${seek.values.length} values for ${order.length} sort keys.`)
  return order.map((term: SortKey, index) => {
    const column = columnOf(model, term.column)
    const key: Key = {
      column: dialect.quote(column.name),
      type: column.type,
      nullable: column.nullable,
      direction: term.direction,
      nulls: column.nullable ? term.nulls : naturalNulls(term.direction),
    }
    return seek === undefined ? key : { ...key, position: bound(seek.values[index] ?? null, column.type, parameters) }
  })
}

export const orderBy = (keys: readonly Key[], dialect: Dialect): string =>
  keys.map((key) => dialect.orderBy(key.column, key.type, key.direction, key.nulls)).join(', ')

const bound = (value: Value, type: LogicalType, parameters: Parameters): string | null =>
  value === null ? null : parameters.bind(value, type)
