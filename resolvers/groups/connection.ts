import type { GraphQLResolveInfo } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import {
  dimensionName,
  type GroupDimension,
  type GroupMeasure,
  groupModel,
  measureName,
} from '../../warehouses/compiler/group-query.js'
import { compileGroupCount, compileGroups } from '../../warehouses/compiler/groups.js'
import type { Filter } from '../../warehouses/compiler/query.js'
import type { Row } from '../../warehouses/contract/values.js'
import type { Pinned } from '../context/pinned.js'
import type { RequestContext } from '../context/request-context.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { fieldOf } from '../naming/fields.js'
import { columnsIn, type InputObject, readFilter } from '../rows/filter.js'
import { type Connection, type List, type ListArguments, readList } from '../rows/list.js'
import type { Node } from '../rows/nodes.js'
import { readBeside } from './beside.js'
import { type Comparison, type ComparisonInput, readComparison } from './comparison.js'
import { readFill } from './fill.js'
import { havingModel } from './measures.js'
import { type GroupOrderInput, readGroupOrder } from './order.js'
import { columnOfField, readGroupSelection } from './selection.js'

export interface GroupsArguments extends ListArguments {
  readonly where?: InputObject | null
  readonly having?: InputObject | null
  readonly orderBy?: readonly GroupOrderInput[] | null
  readonly compareTo?: ComparisonInput | null
  readonly fill?: boolean | null
}

/** A connection of groups, with the grand total where it was asked for. */
type GroupConnection = Connection & { readonly totals?: Node }

/** The name under which a node holds a field: what its arguments ask of it. */
export const nodeKey = (field: string, variant: string): string => `${field}:${variant}`

/** Answers the field of groups of one model. The dimensions that are selected are what rows are grouped by. */
export async function readGroups(
  model: GoldModel,
  args: GroupsArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<GroupConnection> {
  const { list, where, totals } = groupsList(model, args, context, info)
  return readList(list, args, context, (pinned) =>
    totals === undefined ? Promise.resolve({}) : readTotals({ model, where, totals, pinned, context }),
  )
}

/** The groups that a field asks for, and what it asks beside them. */
export function groupsList(
  model: GoldModel,
  args: GroupsArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): { readonly list: List } & Pick<TotalsReading, 'where'> & { readonly totals: readonly GroupMeasure[] | undefined } {
  const { dimensions, measures: selected, compared, totals, ...selection } = readGroupSelection(model, info)
  const asked = readFilter(model, args.where, context.limits)
  const where = context.permitted(model.name, asked)
  const having = readFilter(havingModel(model), args.having, context.limits, 'having')
  const order = readGroupOrder(model, dimensions, args.orderBy)
  const comparison = readCompared(model, args.compareTo, dimensions, compared, asked)
  if (comparison && compared) context.explanation?.wouldFollow([`${info.path.key}.previous`])
  const named = [
    ...columnsIn(having),
    ...order.map(({ column }) => column),
    ...(compared ?? []).map(({ column }) => column),
  ]
  const measures = withNamed(model, selected, named)
  const fill = args.fill ? readFill(model, dimensions, asked) : undefined
  const query = {
    ...{ model, dimensions, measures },
    ...(fill && { fill }),
    ...(where && { where }),
    ...(having && { having }),
  }
  const list: List = {
    question: { model: groupModel(query), asks: { dimensions, where, having, fill }, order },
    selection,
    page: ({ warehouse, build }, page) => compileGroups({ ...query, build, order, ...page }, warehouse.dialect),
    count: ({ warehouse, build }) => compileGroupCount({ ...query, build }, warehouse.dialect),
    cell: cellOf(model),
    async nodes(rows, pinned) {
      const nodes = rows.map((row) => toNode(row, dimensions, selected))
      if (!comparison || !compared) return nodes
      const beside = await readBeside({ comparison, model, dimensions, compared, rows, pinned, context })
      return nodes.map((node, i) => ({ ...node, ...beside[i] }))
    },
  }
  return { list, where, totals }
}

/** Outside of the list, whose request it would keep. */
const cellOf =
  (model: GoldModel): List['cell'] =>
  (field, asked) =>
    columnOfField(model, field, asked)

/** Throws COMPARISON_INVALID; undefined where nothing is compared. */
function readCompared(
  model: GoldModel,
  compareTo: ComparisonInput | null | undefined,
  dimensions: readonly GroupDimension[],
  compared: readonly GroupMeasure[] | undefined,
  where: Filter | undefined,
): Comparison | undefined {
  if (compareTo) return readComparison(model, compareTo, dimensions, where)
  if (!compared) return undefined
  throw new GoldgateError(
    'COMPARISON_INVALID',
    '`previous`, `change` and `changeRatio` show another time: say which with `compareTo`, like `compareTo: { years: 1 }`.',
  )
}

/** Measures that `having` and the order name are computed too, selected or not. */
function withNamed(model: GoldModel, selected: readonly GroupMeasure[], named: readonly string[]): GroupMeasure[] {
  const missing = model.columns.filter(
    ({ name, role }) =>
      role === 'measure' &&
      named.includes(name) &&
      !selected.some(({ column, form }) => column === name && form === 'value'),
  )
  return [...selected, ...missing.map(({ name }) => ({ column: name, form: 'value' as const }))]
}

interface TotalsReading {
  readonly model: GoldModel
  readonly where: Filter | undefined
  readonly totals: readonly GroupMeasure[]
  readonly pinned: Pinned
  readonly context: RequestContext
}

/** The grand total of the rows that `where` leaves. */
async function readTotals({
  model,
  where,
  totals,
  pinned,
  context,
}: TotalsReading): Promise<{ readonly totals: Node }> {
  const { warehouse, build } = pinned
  const statement = compileGroups(
    { model, build, dimensions: [], measures: totals, ...(where && { where }), order: [], limit: 1 },
    warehouse.dialect,
  )
  const [row = {}] = await context.read(pinned, statement)
  return { totals: toNode(row, [], totals) }
}

function toNode(row: Row, dimensions: readonly GroupDimension[], measures: readonly GroupMeasure[]): Node {
  return Object.fromEntries([
    ...dimensions.map((dimension) => {
      const field = fieldOf(dimension.column)
      return [
        dimension.grain === undefined ? field : nodeKey(field, dimension.grain),
        row[dimensionName(dimension)] ?? null,
      ]
    }),
    ...measures.map((measure) => {
      const field = fieldOf(measure.column)
      return [measure.form === 'value' ? field : nodeKey(field, measure.form), row[measureName(measure)] ?? null]
    }),
  ])
}
