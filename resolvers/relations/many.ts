import type { GraphQLResolveInfo } from 'graphql'
import { compileRelated, compileRelatedCounts, rowCount } from '../../warehouses/compiler/related.js'
import type { Row } from '../../warehouses/contract/values.js'
import { type Key, keyText, type ParentsQuestion } from '../context/loaders.js'
import type { Pinned } from '../context/pinned.js'
import type { RequestContext } from '../context/request-context.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { type Cursor, decodeCursor, encodeCursor, type Question, questionHash } from '../rows/cursor.js'
import { type InputObject, readFilter } from '../rows/filter.js'
import { toConnection } from '../rows/list.js'
import { columnsFor, type FieldColumns, toNodes } from '../rows/nodes.js'
import { type OrderInput, readOrder } from '../rows/order.js'
import { readPage } from '../rows/page.js'
import { readSelection } from '../rows/selection.js'
import type { Relation } from './relations.js'

export interface ManyArguments {
  readonly where?: InputObject | null
  readonly orderBy?: readonly OrderInput[] | null
  readonly first?: number | null
  readonly after?: string | null
}

/** Rows of each list when the client names no number: there may be as many lists as a page has rows. */
export const defaultListSize = 10

/** Asks for a page of the rows that have the key, for each key. Throws what the arguments of a list may be refused with. */
export function manyQuestion(
  { field, model, keys }: Relation,
  fields: FieldColumns,
  args: ManyArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): ParentsQuestion {
  const size = args.first ?? Math.min(defaultListSize, context.limits.maxPageSize)
  const page = readPage({ first: size, after: args.after ?? null }, context.limits)
  const where = context.permitted(model.name, readFilter(model, args.where, context.limits))
  const order = readOrder(model, args.orderBy)
  const selection = readSelection(info)
  const columns = columnsFor(fields, selection.fields)
  const condition = where && { where }

  /** The list of one parent: its cursors are good for no other. */
  const listOf = (key: Key, { build }: Pinned) => {
    const question: Question = { model, asks: { where, keys, key }, order }
    const hash = questionHash(question)
    const cursorOf = (row: Row): string => encodeCursor(question, hash, build.buildId, row)
    if (!page.cursor) return { key, cursorOf }
    try {
      return { key, cursorOf, cursor: inBuild(decodeCursor(question, hash, page.cursor.text), build.buildId) }
    } catch (error) {
      return { key, cursorOf, refused: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  return {
    name: questionHash({ model, asks: ['many', model.name, keys, columns, selection, where, page], order }),
    read(origin, given) {
      context.loaders.charge(field, given.length, page.size)
      return context.answer({ ...origin, exact: true }, async (pinned) => {
        const { warehouse, build } = pinned
        const lists = given.map((key) => listOf(key, pinned))
        const readable = lists.filter(({ refused }) => !refused)
        const parents = { columns: keys, values: readable.map(({ key }) => key) }
        // A cursor belongs to one parent: where there is one, no other list is readable.
        const seek = readable[0]?.cursor && { side: 'after' as const, values: readable[0].cursor.values }
        const query = {
          model,
          build,
          parents,
          columns,
          ...condition,
          order,
          limit: page.size + 1,
          ...(seek && { seek }),
        }
        const [rows, counts] = await Promise.all([
          selection.rows && readable.length > 0 ? context.read(pinned, compileRelated(query, warehouse.dialect)) : [],
          selection.totalCount && readable.length > 0
            ? context.read(pinned, compileRelatedCounts(query, warehouse.dialect))
            : [],
        ])
        const keyOf = (row: Row): string => keyText(keys.map((key) => row[key]))
        const rowsOf = grouped(rows, keyOf)
        const countOf = new Map(counts.map((row) => [keyOf(row), row[rowCount]]))
        return lists.map(({ key, cursorOf, refused }) => {
          if (refused) return refused
          const text = keyText(key)
          const all = rowsOf.get(text) ?? []
          const shown = all.slice(0, page.size)
          const list = { rows: shown, nodes: toNodes(shown, columns, pinned), cursorOf, goesOn: all.length > page.size }
          const connection = toConnection(list, page, selection.edges)
          return selection.totalCount ? { ...connection, totalCount: countOf.get(text) ?? 0n } : connection
        })
      })
    },
  }
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return groups
}

/** A list is read from the build of its parent, so the parent must be read from that of the cursor. */
function inBuild(cursor: Cursor, buildId: string): Cursor {
  if (cursor.buildId === buildId) return cursor
  throw new GoldgateError(
    'CURSOR_MISMATCH',
    'The cursor was made in another build than the one its parent is read from. Give the field above `build`, the build of the first page: `extensions.goldgate.builds` names it.',
  )
}
