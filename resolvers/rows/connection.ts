import type { GraphQLResolveInfo } from 'graphql'
import type { GoldColumn, GoldModel } from '../../models/types.js'
import { compileCount, compileRows } from '../../warehouses/compiler/rows.js'
import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { Row, Value } from '../../warehouses/contract/values.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import type { Pinned, RequestContext } from '../context/request-context.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { type Cursor, decodeCursor, encodeCursor, type Question, questionHash } from './cursor.js'
import { type InputObject, readFilter } from './filter.js'
import { type OrderInput, readOrder } from './order.js'
import { type Page, type PageArguments, readPage } from './page.js'
import { readSelection, type Selection } from './selection.js'

export interface RowsArguments extends PageArguments {
  readonly where?: InputObject | null
  readonly orderBy?: readonly OrderInput[] | null
  readonly warehouse?: string | null
  readonly build?: string | null
}

/** A row under its GraphQL field names; only selected fields are there. */
type Node = Readonly<Record<string, Value>>

interface Connection {
  readonly nodes: readonly Node[]
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly totalCount?: bigint
}

/** Answers the rows field of one model: reads what is selected and nothing else. */
export async function readConnection(
  model: GoldModel,
  columns: ReadonlyMap<string, GoldColumn>,
  args: RowsArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<Connection> {
  const selection = readSelection(info)
  const warehouse = context.warehouse(args.warehouse)
  const page = readPage(args, context.limits)
  const question: Question = {
    model,
    where: readFilter(model, args.where, context.limits),
    order: readOrder(model, args.orderBy),
  }
  const hash = questionHash(question)
  const cursor = page.cursor && decodeCursor(question, hash, page.cursor.text)
  const build = await pin(context, warehouse, args.build, cursor)
  const exact = cursor !== undefined || (args.build ?? null) !== null
  return context.answer({ warehouse, build, exact }, async (pinned) => {
    const [rows, totalCount] = await Promise.all([
      selection.rows ? readRows({ context, pinned, question, page, cursor, selection, columns }) : [],
      selection.totalCount ? count(context, pinned, question) : undefined,
    ])
    const cursors = { of: (row: Row): string => encodeCursor(question, hash, pinned.build.buildId, row) }
    const connection = toConnection(rows, page, selection, columns, cursors)
    return totalCount === undefined ? connection : { ...connection, totalCount }
  })
}

/** A page is read from the build that its cursor was made in, or the pages of one list would be of two builds. */
async function pin(
  context: RequestContext,
  warehouse: Warehouse,
  buildId: string | null | undefined,
  cursor: Cursor | undefined,
): Promise<PublishedBuild> {
  if (!cursor) return context.pin(warehouse, buildId)
  if (buildId !== undefined && buildId !== null && buildId !== cursor.buildId) {
    throw new GoldgateError(
      'CURSOR_MISMATCH',
      'The cursor was made in another build than the argument `build` names. Leave `build` out: the cursor carries its own.',
    )
  }
  const build = await context.buildOfCursor(warehouse, cursor.buildId)
  if (build) return build
  throw new GoldgateError(
    'CURSOR_EXPIRED',
    `The build of this cursor is no longer retained in warehouse ${warehouse.name}. Begin again without a cursor.`,
    { details: { warehouse: warehouse.name } },
  )
}

interface RowsReading {
  readonly context: RequestContext
  readonly pinned: Pinned
  readonly question: Question
  readonly page: Page
  readonly cursor: Cursor | undefined
  readonly selection: Selection
  readonly columns: ReadonlyMap<string, GoldColumn>
}

/** One row more than the page holds, where there is one: it tells that the list goes on. */
function readRows(reading: RowsReading): Promise<Row[]> {
  const { context, pinned, question, page, cursor, selection, columns } = reading
  const { model, where, order } = question
  const selected = [...columns].filter(([field]) => selection.fields.has(field)).map(([, column]) => column.name)
  const statement = compileRows(
    {
      model,
      build: pinned.build,
      columns: selected.length > 0 ? selected : order.slice(0, 1).map((key) => key.column),
      ...(where ? { where } : {}),
      order,
      ...(page.cursor && cursor ? { seek: { side: page.cursor.side, values: cursor.values } } : {}),
      fromEnd: page.fromEnd,
      limit: page.size + 1,
    },
    pinned.warehouse.dialect,
  )
  return context.read(pinned, statement)
}

async function count(context: RequestContext, pinned: Pinned, { model, where }: Question): Promise<bigint> {
  const [row] = await context.read(pinned, compileCount(model, pinned.build, where, pinned.warehouse.dialect))
  if (typeof row?.count !== 'bigint') throw new Error(`Counting ${model.name} gave no count`)
  return row.count
}

function toConnection(
  rows: readonly Row[],
  page: Page,
  selection: Selection,
  columns: ReadonlyMap<string, GoldColumn>,
  cursors: { of(row: Row): string },
): Connection {
  const more = rows.length > page.size
  const kept = more ? (page.fromEnd ? rows.slice(1) : rows.slice(0, page.size)) : rows
  const fields = [...columns].filter(([field]) => selection.fields.has(field))
  const nodes = kept.map((row) => Object.fromEntries(fields.map(([field, { name }]) => [field, row[name] ?? null])))
  const [first] = kept
  const last = kept.at(-1)
  // A build never changes, so the row that a cursor was made of is still in it, on the other side.
  const beforeCursor = page.cursor?.side === 'before'
  const afterCursor = page.cursor?.side === 'after'
  return {
    nodes,
    edges: selection.edges ? kept.map((row, i) => ({ cursor: cursors.of(row), node: nodes[i] ?? {} })) : [],
    pageInfo: {
      hasNextPage: page.fromEnd ? beforeCursor : more || beforeCursor,
      hasPreviousPage: page.fromEnd ? more || afterCursor : afterCursor,
      startCursor: first ? cursors.of(first) : null,
      endCursor: last ? cursors.of(last) : null,
    },
  }
}
