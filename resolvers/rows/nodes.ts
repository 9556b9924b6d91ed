import type { Row } from '../../warehouses/contract/values.js'
import type { Pinned } from '../context/pinned.js'
import { fieldOf } from '../naming/fields.js'

/** A row under the names that its GraphQL type reads; only selected fields are there. */
export type Node = Readonly<Record<string, unknown>>

/** The columns that each field of a row needs: its own, or those whose values lead to other rows. */
export type FieldColumns = ReadonlyMap<string, readonly string[]>

/** The columns that the selected fields need. */
export function columnsFor(fields: FieldColumns, selected: ReadonlySet<string>): readonly string[] {
  const known = columnsOf.get(selected) ?? new WeakMap<FieldColumns, readonly string[]>()
  columnsOf.set(selected, known)
  const columns = known.get(fields) ?? [
    ...new Set([...fields].flatMap(([field, columns]) => (selected.has(field) ? columns : []))),
  ]
  known.set(fields, columns)
  return columns
}

/** A selection is the same set each time that its document is executed. */
const columnsOf = new WeakMap<ReadonlySet<string>, WeakMap<FieldColumns, readonly string[]>>()

const readFrom = Symbol('read from')

interface RowNode extends Node {
  readonly [readFrom]?: Pinned
}

/** Rows as nodes with these columns, which remember where they were read. */
export function toNodes(rows: readonly Row[], columns: readonly string[], pinned: Pinned): readonly Node[] {
  const fields = columns.map((column) => [fieldOf(column), column] as const)
  return rows.map((row): RowNode => {
    const node: Record<string | symbol, unknown> = { [readFrom]: pinned }
    for (const [field, column] of fields) node[field] = row[column] ?? null
    return node
  })
}

/** Where a node was read: whatever it leads to is read from there too. */
export function originOf(node: RowNode): Pinned {
  const origin = node[readFrom]
  if (!origin) throw new Error('A node that was not read from a warehouse leads nowhere.')
  return origin
}
