import type { GoldModel, LogicalType } from '../../../models/types.js'
import { unitsOf } from '../../contract/decimal.js'
import type { Row, Value } from '../../contract/values.js'
import type { Filter, RowsQuery, SortKey } from '../query.js'
import { valueIn } from '../slot.js'

/** What a page must hold, computed from rows in memory by other means than the compiler: plain loops and no SQL. */
export function referencePage(query: RowsQuery, rows: readonly Row[]): Row[] {
  const { model, order, seek } = query
  const position = (row: Row): Value[] => order.map((key) => row[key.column] ?? null)
  const left = rows
    .filter((row) => query.where === undefined || holds(query.where, row, model))
    .filter((row) => {
      if (seek === undefined) return true
      const side = compareBy(order, position(row), seek.values, model)
      return seek.side === 'after' ? side > 0 : side < 0
    })
    .sort((a, b) => compareBy(order, position(a), position(b), model))
  const { limit = left.length } = query
  const page = query.fromEnd === true ? left.slice(Math.max(0, left.length - limit)) : left.slice(0, limit)
  const names = [...new Set([...query.columns, ...order.map((key) => key.column)])]
  return page.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])))
}

/** True where the row belongs to the answer. Two-valued: a comparison with NULL does not hold. */
export function holds(filter: Filter, row: Row, model: GoldModel): boolean {
  if ('and' in filter) return filter.and.every((each) => holds(each, row, model))
  if ('or' in filter) return filter.or.some((each) => holds(each, row, model))
  if ('not' in filter) return !holds(filter.not, row, model)
  const value = row[filter.column] ?? null
  const type = typeOf(model, filter.column)
  const side = (other: Value): number | undefined =>
    value === null || other === null ? undefined : compare(value, other, type)
  const against = (other: Value, test: (side: number) => boolean): boolean => {
    const found = side(other)
    return found !== undefined && test(found)
  }
  switch (filter.op) {
    case 'eq':
      return side(valueIn(filter.value)) === 0
    case 'ne':
      return side(valueIn(filter.value)) !== 0
    case 'lt':
      return against(valueIn(filter.value), (each) => each < 0)
    case 'lte':
      return against(valueIn(filter.value), (each) => each <= 0)
    case 'gt':
      return against(valueIn(filter.value), (each) => each > 0)
    case 'gte':
      return against(valueIn(filter.value), (each) => each >= 0)
    case 'between':
      return against(valueIn(filter.from), (each) => each >= 0) && against(valueIn(filter.to), (each) => each <= 0)
    case 'in':
      return filter.values.some((each) => side(valueIn(each)) === 0)
    case 'notIn':
      return !filter.values.some((each) => side(valueIn(each)) === 0)
    case 'contains':
      return typeof value === 'string' && Buffer.from(value).includes(Buffer.from(String(valueIn(filter.value))))
    case 'startsWith':
      return typeof value === 'string' && Buffer.from(value).indexOf(Buffer.from(String(valueIn(filter.value)))) === 0
    case 'isNull':
      return (value === null) === filter.value
  }
}

function compareBy(order: readonly SortKey[], a: readonly Value[], b: readonly Value[], model: GoldModel): number {
  for (const [index, key] of order.entries()) {
    const [left, right] = [a[index] ?? null, b[index] ?? null]
    if (left === null && right === null) continue
    if (left === null) return key.nulls === 'first' ? -1 : 1
    if (right === null) return key.nulls === 'first' ? 1 : -1
    const side = compare(left, right, typeOf(model, key.column))
    if (side !== 0) return key.direction === 'asc' ? side : -side
  }
  return 0
}

function compare(a: NonNullable<Value>, b: NonNullable<Value>, type: LogicalType): number {
  if (type.kind === 'decimal') {
    const [left, right] = [unitsOf(String(a), 40).floor, unitsOf(String(b), 40).floor]
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}

function typeOf(model: GoldModel, name: string): LogicalType {
  const column = model.columns.find((each) => each.name === name)
  if (column === undefined) throw new Error(`No column ${name}.`)
  return column.type
}
