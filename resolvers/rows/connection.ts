import type { GraphQLResolveInfo } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import { compileCount, compileRows } from '../../warehouses/compiler/rows.js'
import type { RequestContext } from '../context/request-context.js'
import { columnsByField } from '../naming/fields.js'
import { type InputObject, readFilter } from './filter.js'
import { type Connection, type List, type ListArguments, readList } from './list.js'
import { columnsFor, type FieldColumns, toNodes } from './nodes.js'
import { type OrderInput, readOrder } from './order.js'
import { readSelection } from './selection.js'

export interface RowsArguments extends ListArguments {
  readonly where?: InputObject | null
  readonly orderBy?: readonly OrderInput[] | null
}

/** Answers the rows field of one model. */
export async function readConnection(
  model: GoldModel,
  fields: FieldColumns,
  args: RowsArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<Connection> {
  return readList(rowsList(model, fields, args, context, info), args, context, async () => ({}))
}

/** The rows that a field asks for: what is selected of them and nothing else. */
export function rowsList(
  model: GoldModel,
  fields: FieldColumns,
  args: RowsArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): List {
  const selection = readSelection(info)
  const where = context.permitted(model.name, readFilter(model, args.where, context.limits))
  const order = readOrder(model, args.orderBy)
  const selected = columnsFor(fields, selection.fields)
  // Something must be read of a row of which nothing is selected.
  context.explanation?.wouldFollow(relationsIn(model, selection.fields).map((field) => `${info.path.key}.${field}`))
  const read = selected.length > 0 ? selected : order.slice(0, 1).map((key) => key.column)
  return {
    question: { model, asks: where, order },
    selection,
    page: ({ warehouse, build }, page) =>
      compileRows({ model, build, columns: read, ...(where ? { where } : {}), order, ...page }, warehouse.dialect),
    count: ({ warehouse, build }) => compileCount(model, build, where, warehouse.dialect),
    cell: cellOf(model),
    nodes: (rows, pinned) => toNodes(rows, selected, pinned),
  }
}

/** Outside of the list, whose question it would keep. */
const cellOf =
  (model: GoldModel): List['cell'] =>
  (field) =>
    columnsByField(model).get(field)?.name

/** Selected fields that are no columns lead to other rows, by the keys of those that are read. */
function relationsIn(model: GoldModel, selected: ReadonlySet<string>): string[] {
  const columns = columnsByField(model)
  return [...selected].filter((field) => !columns.has(field) && !field.startsWith('__'))
}
