import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import { type Cells, cellsOf, rowOf } from '../../warehouses/contract/cells.js'
import type { Row, Statement, Value } from '../../warehouses/contract/values.js'
import type { WarehouseReader } from '../../warehouses/contract/warehouse.js'
import type { Pinned } from '../context/pinned.js'
import type { RequestContext } from '../context/request-context.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { type Cursor, decodeCursor, encodeCursor, type Question, questionHash } from './cursor.js'
import type { Node } from './nodes.js'
import { type Page, type PageArguments, readPage } from './page.js'

export interface ListArguments extends PageArguments {
  readonly warehouse?: string | null
  readonly build?: string | null
}

/** Which page of a list a statement reads: one row more than it shows, which tells that the list goes on. */
interface PageOfList {
  /** Undefined: all of them. */
  readonly limit: number | undefined
  readonly fromEnd: boolean
  readonly seek?: { readonly side: 'after' | 'before'; readonly values: readonly Value[] }
}

/** A list that is shown page by page: rows of a model, or groups of them. */
export interface List {
  readonly question: Question
  /** What of the connection was asked for; what was not is not read. */
  readonly selection: { readonly rows: boolean; readonly edges: boolean; readonly totalCount: boolean }
  page(pinned: Pinned, page: PageOfList): Statement
  count(pinned: Pinned): Statement
  /** The column of a statement's rows that holds what a field of a node shows with these arguments; undefined for what no column holds. */
  cell(field: string, args: Readonly<Record<string, unknown>>): string | undefined
  /** One for each row. */
  nodes(rows: readonly Row[], pinned: Pinned): readonly Node[] | Promise<readonly Node[]>
}

export interface Connection {
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

/**
 * Answers a page of the list: reads what is selected and nothing else. `beside` reads what else the field needs, from the same build. Throws the
 * errors of pages, cursors, builds and warehouses.
 */
export async function readList<Beside extends object>(
  list: List,
  args: ListArguments,
  context: RequestContext,
  beside: (pinned: Pinned) => Promise<Beside>,
): Promise<Connection & Beside> {
  const { selection } = list
  const { page, cursor, place, cursorIn } = await openPage(list, args, context)
  const pageOfList = pageOf(page, cursor)
  return context.answer(place, async (pinned) => {
    const [rows, totalCount, more] = await Promise.all([
      selection.rows ? context.read(pinned, list.page(pinned, pageOfList)) : [],
      selection.totalCount ? count(list.count(pinned), pinned, context) : undefined,
      beside(pinned),
    ])
    const { from, to, goesOn } = shownOf(rows.length, page)
    const shown = rows.slice(from, to)
    const nodes = await list.nodes(shown, pinned)
    const cursorOf = (row: Row): string => cursorIn(pinned.build, row)
    const connection = { ...toConnection({ rows: shown, nodes, cursorOf, goesOn }, page, selection.edges), ...more }
    return totalCount === undefined ? connection : { ...connection, totalCount }
  })
}

/** A page that was asked for as it should be, and where it is read. */
interface OpenPage {
  readonly page: Page
  readonly cursor: Cursor | undefined
  readonly place: Pinned & { readonly exact: boolean }
  /** Of a row of the list. */
  cursorIn(build: PublishedBuild, row: Row): string
}

async function openPage(
  { question }: Pick<List, 'question'>,
  args: ListArguments,
  context: RequestContext,
): Promise<OpenPage> {
  const warehouse = context.warehouse(args.warehouse)
  const page = readPage(args, context.limits)
  const hash = hashing(question)
  const cursor = page.cursor && decodeCursor(question, hash(), page.cursor.text)
  const build = await pin(context, warehouse, args.build, cursor)
  const exact = cursor !== undefined || (args.build ?? null) !== null
  return {
    ...{ page, cursor, place: { warehouse, build, exact } },
    cursorIn: ({ buildId }, row) => encodeCursor(question, hash(), buildId, row),
  }
}

/** Only cursors need it, and most pages are asked for without one. */
function hashing(question: Question): () => string {
  let known: string | undefined
  return () => {
    known ??= questionHash(question)
    return known
  }
}

/** Which of the rows that were read are shown: one more was asked for, which tells that the list goes on. */
function shownOf(read: number, { size, fromEnd }: Page) {
  const goesOn = read > size
  if (!goesOn) return { from: 0, to: read, goesOn }
  return fromEnd ? { from: read - size, to: read, goesOn } : { from: 0, to: size, goesOn }
}

/** A page of a list as text. */
export interface PageOfCells {
  readonly cells: Cells
  readonly columns: Statement['columns']
  /** As that of the list. */
  readonly cell: List['cell']
  /** The rows that are shown: from the first, to in front of the second. */
  readonly shown: readonly [number, number]
  readonly pageInfo: Connection['pageInfo']
  readonly totalCount: bigint | undefined
}

/** What is asked for a page of text, in whatever warehouse and build. */
export interface PageStatements {
  /** Undefined where no rows are asked for. */
  rows(pinned: Pinned): Statement | undefined
  /** Undefined where nothing is counted. */
  count(pinned: Pinned): Statement | undefined
  cursorIn: OpenPage['cursorIn']
}

/** A page of text before it is read. */
export interface ReadyPage extends PageStatements {
  readonly page: Page
  readonly place: OpenPage['place']
  readonly cell: List['cell']
}

export async function readyPage(list: List, args: ListArguments, context: RequestContext): Promise<ReadyPage> {
  const { page, cursor, place } = await openPage(list, args, context)
  return { ...pageStatements(list, page, cursor), ...{ page, place, cell: list.cell } }
}

export function pageStatements(list: List, page: Page, cursor?: Cursor): PageStatements {
  const { selection, question } = list
  const hash = hashing(question)
  return {
    rows: (pinned) => (selection.rows ? list.page(pinned, pageOf(page, cursor)) : undefined),
    count: (pinned) => (selection.totalCount ? list.count(pinned) : undefined),
    cursorIn: ({ buildId }, row) => encodeCursor(question, hash(), buildId, row),
  }
}

/** As `readList`, for who shows nothing of the rows but what stands in them. */
export function readCells(ready: ReadyPage, context: RequestContext): Promise<PageOfCells> {
  const { page, place, cell } = ready
  return context.answer(place, async (pinned) => {
    const statement = ready.rows(pinned)
    const counting = ready.count(pinned)
    const columns = statement?.columns ?? []
    const reading = statement ? context.readCells(pinned, statement) : cellsOf([])
    const [cells, totalCount] = counting
      ? await Promise.all([reading, count(counting, pinned, context)])
      : [await reading, undefined]
    const { from, to, goesOn } = shownOf(cells.rows, page)
    const cursorAt = (row: number) => (from < to ? ready.cursorIn(pinned.build, rowOf(cells, row, columns)) : null)
    const pageInfo = new PageInfo({ first: () => cursorAt(from), last: () => cursorAt(to - 1), goesOn }, page)
    return { cells, columns, cell, shown: [from, to], pageInfo, totalCount }
  })
}

const pageOf = (page: Page, cursor: Cursor | undefined): PageOfList => ({
  limit: page.size + 1,
  fromEnd: page.fromEnd,
  ...(page.cursor && cursor ? { seek: { side: page.cursor.side, values: cursor.values } } : {}),
})

async function count(statement: Statement, pinned: Pinned, context: RequestContext): Promise<bigint> {
  const [row] = await context.read(pinned, statement)
  if (typeof row?.count !== 'bigint') throw new Error('Counting gave no count')
  return row.count
}

/** A page is read from the build that its cursor was made in, or the pages of one list would be of two builds. */
async function pin(
  context: RequestContext,
  warehouse: WarehouseReader,
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

interface Shown {
  readonly rows: readonly Row[]
  readonly nodes: readonly Node[]
  cursorOf(row: Row): string
  /** Rows are left behind the page, in the direction that it was read in. */
  readonly goesOn: boolean
}

export function toConnection({ rows, nodes, cursorOf, goesOn }: Shown, page: Page, edges: boolean): Connection {
  const cursorAt = (place: number) => () => {
    const row = rows.at(place)
    return row ? cursorOf(row) : null
  }
  return {
    nodes,
    edges: edges ? rows.map((row, i) => ({ cursor: cursorOf(row), node: nodes[i] ?? {} })) : [],
    pageInfo: new PageInfo({ first: cursorAt(0), last: cursorAt(-1), goesOn }, page),
  }
}

interface Ends {
  /** Cursors of the first and the last row that is shown. */
  first(): string | null
  last(): string | null
  readonly goesOn: boolean
}

/** A class, since a getter of an object of its own is kept by V8 with all that it refers to until the next full collection. */
class PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean

  constructor(
    private readonly ends: Ends,
    page: Page,
  ) {
    // A build never changes, so the row that a cursor was made of is still in it, on the other side.
    const beforeCursor = page.cursor?.side === 'before'
    const afterCursor = page.cursor?.side === 'after'
    this.hasNextPage = page.fromEnd ? beforeCursor : ends.goesOn || beforeCursor
    this.hasPreviousPage = page.fromEnd ? ends.goesOn || afterCursor : afterCursor
  }

  get startCursor(): string | null {
    return this.ends.first()
  }

  get endCursor(): string | null {
    return this.ends.last()
  }
}
