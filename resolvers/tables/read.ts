import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import { type Cells, cellsOf } from '../../warehouses/contract/cells.js'
import type { Statement, Value } from '../../warehouses/contract/values.js'
import type { Pinned } from '../context/pinned.js'
import type { RequestContext } from '../context/request-context.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { List, ListArguments } from '../rows/list.js'
import type { Node } from '../rows/nodes.js'
import type { Step, TableColumn, TablePlan } from './plan.js'

/** Rows of a table as text. */
export interface TableCells {
  readonly cells: Cells
  /** Cells of each row; more than the table has columns where a statement reads more. */
  readonly width: number
  /** Of each column of the plan: which cell of a row it is. */
  readonly places: readonly number[]
}

/** Bytes of all the cells that rows of the table show, from the first to in front of the second. */
export function shownBytes({ cells: { lengths }, width, places }: TableCells, from: number, to: number): number {
  let sum = 0
  for (const place of places)
    for (let row = from, cell = from * width + place; row < to; row += 1, cell += width)
      sum += Math.max(0, lengths[cell] ?? 0)
  return sum
}

export interface OpenTable {
  /** That all its rows are from. */
  readonly build: PublishedBuild
  /** To be read once, or given up with `return`. An end without an error is the end of the table. */
  readonly chunks: AsyncGenerator<TableCells>
}

/**
 * All rows of the table, however many, or as many as its field's `first` asks for. Comes back when the first rows are there, so that what goes wrong before them
 * is an error like any other, or is answered by the warehouse that stands in. Throws what the field would.
 */
export async function openTable(plan: TablePlan, context: RequestContext): Promise<OpenTable> {
  const args = plan.args as ListArguments
  if (args.after || args.before || (args.last ?? null) !== null)
    throw new GoldgateError('PAGE_ARGUMENTS_INVALID', 'An export has no pages: leave out `after`, `before` and `last`.')
  if ((args.first ?? 0) < 0) throw new GoldgateError('PAGE_ARGUMENTS_INVALID', '`first` cannot be negative.')
  const list = plan.list(plan.args, context, plan.info)
  const warehouse = context.warehouse(args.warehouse)
  const build = await context.pin(warehouse, args.build)
  const exact = (args.build ?? null) !== null
  return context.answer({ warehouse, build, exact }, async (pinned) => {
    const statement = list.page(pinned, { limit: args.first ?? undefined, fromEnd: false })
    context.explanation?.wouldRun(pinned, statement)
    await requireAllowed(list, args.first ?? undefined, pinned, context)
    const open = { plan, list, pinned, context, statement }
    const chunks = direct(open) ?? besides(open)
    const first = await chunks.next()
    return { build: pinned.build, chunks: withFirst(first, chunks) }
  })
}

/** Throws PAGE_TOO_LARGE for a table with more rows than the caller may export: said before the first of them, since nothing is ever cut silently. */
async function requireAllowed(
  list: List,
  first: number | undefined,
  pinned: Pinned,
  context: RequestContext,
): Promise<void> {
  const most = context.limits.exportRows
  if (most === undefined || (first !== undefined && first <= most)) return
  const [row] = await context.read(pinned, list.count(pinned))
  if (typeof row?.count !== 'bigint' || row.count <= BigInt(most)) return
  throw new GoldgateError(
    'PAGE_TOO_LARGE',
    `An export of yours holds at most ${most} rows, and this one would hold ${row.count}. Narrow its filter, or give \`limit\`.`,
    { details: { maximum: most } },
  )
}

/** No generator of its own: one that was never asked for anything would not give up `rest` when it is given up itself. */
function withFirst<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  let read: IteratorResult<T> | undefined = first
  return {
    async next() {
      const next = read
      read = undefined
      return next ?? rest.next()
    },
    return: (value) => rest.return(value),
    throw: (error) => rest.throw(error),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

interface Reading {
  readonly plan: TablePlan
  readonly list: List
  readonly pinned: Pinned
  readonly context: RequestContext
  readonly statement: Statement
}

/** Where every value is a column of the statement, the warehouse writes them, and nobody here looks at a row. */
function direct({ plan, list, pinned, context, statement }: Reading): AsyncGenerator<TableCells> | undefined {
  const places = plan.columns.flatMap(({ steps: [first, ...more] }) => {
    const name = first && more.length === 0 ? list.cell(first.field.name, first.args) : undefined
    const place = statement.columns.findIndex((column) => column.name === name)
    return place < 0 ? [] : [place]
  })
  if (places.length < plan.columns.length) return undefined
  const width = statement.columns.length
  return mapped(context.cells(pinned, statement), (cells) => ({ cells, width, places }))
}

/** Objects beside a row are asked for chunk by chunk. */
function besides({ plan, list, pinned, context, statement }: Reading): AsyncGenerator<TableCells> {
  const width = plan.columns.length
  const places = plan.columns.map((_, place) => place)
  return mapped(context.stream(pinned, statement), async (rows) => {
    const nodes = await list.nodes(rows, pinned)
    // What one request may load beside its rows, an export may load beside each chunk; and what was loaded is not kept.
    const byColumn = await valuesBelow(plan.columns, 0, nodes, context.again())
    return { cells: cellsOf(rows.map((_, row) => byColumn.map((values) => values[row] ?? null))), width, places }
  })
}

async function* mapped<T, U>(pieces: AsyncGenerator<T>, to: (piece: T) => U | Promise<U>): AsyncGenerator<U> {
  for await (const piece of pieces) yield await to(piece)
}

/** Of each column its values, one for each node. Resolvers of one field are called for all nodes at once, so that what they load is loaded together. */
async function valuesBelow(
  columns: readonly TableColumn[],
  depth: number,
  nodes: readonly (Node | null)[],
  context: RequestContext,
): Promise<(readonly Value[])[]> {
  const found = new Map<TableColumn, readonly Value[]>()
  const steps = new Map<string, TableColumn[]>()
  for (const column of columns) {
    const key = column.steps[depth]?.key ?? ''
    steps.set(key, [...(steps.get(key) ?? []), column])
  }
  for (const group of steps.values()) {
    const step = group[0]?.steps[depth]
    if (!step) continue
    const values = await Promise.all(nodes.map((node) => (node === null ? null : resolved(step, node, context))))
    if (group.every(({ steps }) => steps.length === depth + 1)) {
      for (const column of group) found.set(column, values as Value[])
      continue
    }
    const below = await valuesBelow(group, depth + 1, values as (Node | null)[], context)
    group.forEach((column, i) => {
      found.set(column, below[i] ?? [])
    })
  }
  return columns.map((column) => found.get(column) ?? [])
}

/** A field without arguments of its own is what the node holds under its name, unless it is another object. */
function resolved({ field, args, info }: Step, node: Node, context: RequestContext): unknown {
  if (field.name in node && field.args.length === 0) return node[field.name] ?? null
  return field.resolve?.(node, args, context, info) ?? node[field.name] ?? null
}
