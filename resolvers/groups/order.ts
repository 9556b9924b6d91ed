import type { GoldModel } from '../../models/types.js'
import { columnOf } from '../../warehouses/compiler/filter.js'
import { dateDimensions, dimensionName, type GroupDimension } from '../../warehouses/compiler/group-query.js'
import type { SortKey } from '../../warehouses/compiler/query.js'
import type { DateGrain } from '../../warehouses/contract/dialect.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { fieldOf } from '../naming/fields.js'
import type { OrderInput } from '../rows/order.js'

export interface GroupOrderInput extends OrderInput {
  readonly grain?: DateGrain | null
}

/**
 * A total order of groups, by names of their columns: the client's terms, else dates newest first; the other dimensions follow. Throws
 * ORDER_INVALID for a dimension that is not selected: it has no value in a group.
 */
export function readGroupOrder(
  model: GoldModel,
  dimensions: readonly GroupDimension[],
  orderBy: readonly GroupOrderInput[] | null | undefined,
): SortKey[] {
  const keys = new Map<string, SortKey>()
  for (const term of orderBy ?? []) {
    const column = nameOf(model, dimensions, term)
    if (keys.has(column)) throw invalid(`names ${fieldOf(term.field)} twice. Name each field once`)
    keys.set(column, { column, direction: term.direction, nulls: term.nulls ?? 'last' })
  }
  const dates = keys.size > 0 ? [] : dateDimensions(model, dimensions)
  const rest = [
    ...dates.map((dimension) => ({ dimension, direction: 'desc' as const })),
    ...dimensions.map((dimension) => ({ dimension, direction: 'asc' as const })),
  ]
  for (const { dimension, direction } of rest) {
    const column = dimensionName(dimension)
    if (!keys.has(column)) keys.set(column, { column, direction, nulls: 'last' })
  }
  return [...keys.values()]
}

function nameOf(model: GoldModel, dimensions: readonly GroupDimension[], { field, grain }: GroupOrderInput): string {
  const column = columnOf(model, field)
  const name = fieldOf(field)
  if (column.role === 'measure') {
    if (grain) throw invalid(`gives ${name} a grain, which only dates have`)
    return field
  }
  const selected = dimensions.filter((each) => each.column === field)
  const meant = grain ? selected.filter((each) => each.grain === grain) : selected
  const [only, ...more] = meant
  if (only && more.length === 0) return dimensionName(only)
  const asked = grain ? `${name} by ${grain.toUpperCase()}` : name
  if (only) throw invalid(`names ${name}, which is selected with several grains. Say which one with \`grain\``)
  throw invalid(`names ${asked}, which is not selected: groups have no value of it. Select it, or leave it out`)
}

const invalid = (reason: string): GoldgateError => new GoldgateError('ORDER_INVALID', `\`orderBy\` ${reason}.`)
