import type { GoldModel, OrderTerm } from '../../models/types.js'

/** The order in which rows of a model are read when nobody asks for another: total, since the grain follows. NULL comes last. */
export function readingOrder(model: GoldModel): readonly OrderTerm[] {
  const named = new Set(model.defaultOrder.map((term) => term.column))
  const rest = model.grain.filter((column) => !named.has(column))
  return [...model.defaultOrder, ...rest.map((column) => ({ column, direction: 'asc' as const }))]
}

/** An order as text, by which two are compared. */
export const orderText = (order: readonly OrderTerm[]): string =>
  order.map(({ column, direction }) => `${column} ${direction}`).join(', ')
