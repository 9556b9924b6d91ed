import type { GoldModel } from '../../models/types.js'
import type { SortKey } from '../../warehouses/compiler/query.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { fieldOf } from '../naming/fields.js'

export interface OrderInput {
  /** Name of a column, the inner value of the enum. */
  readonly field: string
  readonly direction: 'asc' | 'desc'
  readonly nulls?: 'first' | 'last' | null
}

/**
 * A total order: the client's terms, or the model's default where it gave none, then the grain. Rows without a value stand
 * last either way unless asked otherwise. Throws ORDER_INVALID.
 */
export function readOrder(model: GoldModel, orderBy: readonly OrderInput[] | null | undefined): SortKey[] {
  const nullable = new Set(model.columns.filter((column) => column.nullable).map((column) => column.name))
  const keys = new Map<string, SortKey>()
  const given = orderBy ?? []
  for (const { field, direction, nulls } of given) {
    if (keys.has(field))
      throw new GoldgateError('ORDER_INVALID', `\`orderBy\` names ${fieldOf(field)} twice. Name each field once.`)
    // Where no value can be missing, both spellings are one question, and one index answers it.
    keys.set(field, { column: field, direction, nulls: nullable.has(field) ? (nulls ?? 'last') : 'last' })
  }
  if (given.length === 0) {
    for (const { column, direction } of model.defaultOrder) keys.set(column, { column, direction, nulls: 'last' })
  }
  for (const column of model.grain) {
    if (!keys.has(column)) keys.set(column, { column, direction: 'asc', nulls: 'last' })
  }
  return [...keys.values()]
}
