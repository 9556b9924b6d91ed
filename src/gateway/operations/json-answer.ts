import { getNamedType, isEnumType } from 'graphql'
import { z } from 'zod'
import type { TableColumn, TablePlan } from '../../../resolvers/index.js'
import type { Answer } from '../questions/contract.js'
import { pageKey, type TableDocument } from './document.js'
import type { FormatOptions } from './formats/format.js'
import { jsonValue } from './formats/json-value.js'

/** Rows of an answer in JSON where the client names no number, and the most that it may name. */
export const rowsInJson = { default: 30, most: 365 } as const

/** Rows of a page that no client has named a number for; undefined where the query says one that nobody changes. */
export const rowsUnasked = ({ page, ownLimit }: TableDocument): number | undefined =>
  page.limit === undefined ? undefined : Math.min(ownLimit ?? rowsInJson.default, rowsInJson.most)

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()])
const answered = z.object({ data: z.unknown() })
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() })

/** An answer of GraphQL as rows: objects in rows flattened as in every format, values of closed lists as they are stored. `linkTo` makes the address of the next page. */
export function jsonTable(
  plan: TablePlan,
  answer: Answer,
  { decimals }: Pick<FormatOptions, 'decimals'>,
  linkTo?: (after: string) => string,
): string {
  const { data } = answered.parse(JSON.parse(`{${answer.body}}`))
  const list = below(data, plan.keys.root)
  const { hasNextPage, endCursor } = pageInfo.parse(below(list, pageKey))
  const nodes = z.array(z.unknown()).parse(below(list, plan.keys.nodes))
  const readers = plan.columns.map((column) => reader(column, decimals))
  const rows = nodes.map((node) => `{${readers.map((read) => read(node)).join(',')}}`)
  const after = hasNextPage ? endCursor : null
  const beside = plan.beside
    .filter(({ key }) => key !== pageKey)
    .map(({ key }) => `${JSON.stringify(key)}:${JSON.stringify(below(list, key))},`)
  const link = linkTo && after !== null ? `"next":${JSON.stringify(linkTo(after))},` : ''
  return `{"rows":[${rows.join(',\n')}],"rowCount":${rows.length},"truncated":${hasNextPage},"after":${JSON.stringify(after)},${link}${beside.join('')}"extensions":${answer.extensions}}`
}

function reader(column: TableColumn, decimals: FormatOptions['decimals']): (node: unknown) => string {
  const keys = column.steps.map(({ key }) => key)
  const type = getNamedType(column.steps.at(-1)?.field.type)
  const stored = isEnumType(type)
    ? new Map(type.getValues().map(({ name, value }) => [name, String(value)]))
    : undefined
  const name = JSON.stringify(column.name)
  return (node) => {
    const raw = cell.parse(keys.reduce<unknown>(below, node) ?? null)
    const value = typeof raw === 'string' ? (stored?.get(raw) ?? raw) : raw
    return `${name}:${jsonValue(value, column.type, decimals)}`
  }
}

/** Clients choose the keys, and `__proto__` or `constructor` is one like any other: only what the answer itself holds counts. */
const below = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : null
