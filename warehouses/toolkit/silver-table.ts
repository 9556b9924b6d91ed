import { createHash } from 'node:crypto'
import { lineageColumns, sourceColumn } from '../../models/lineage.js'
import type { Entity, EntityColumn } from '../../models/types.js'
import type { Batch } from '../contract/batch.js'
import type { Dialect } from '../contract/dialect.js'

export type TableColumn = Pick<EntityColumn, 'name' | 'type' | 'nullable'>

/** Columns of an entity's Silver table, of its landing tables and of its batches, in their order. */
export function silverColumns(entity: Entity): readonly TableColumn[] {
  return [sourceColumn, ...entity.columns, ...lineageColumns]
}

/** The entity's key first: nearly all rows share their source, so that an index that begins with it compares twice. */
export function silverKey(entity: Entity): readonly string[] {
  return [...entity.key, sourceColumn.name]
}

/** Without its schema. At most 63 bytes where the entity's name has at most 45. */
export function landingName(batch: Pick<Batch, 'source' | 'entity' | 'hash'>): string {
  const digest = createHash('sha256').update(`${batch.source}\n${batch.hash}`).digest('hex')
  return `${batch.entity.name}__${digest.slice(0, 16)}`
}

export function quotedNames(dialect: Dialect, names: readonly string[]): string {
  return names.map((name) => dialect.quote(name)).join(', ')
}

/** CREATE TABLE with NOT NULL. `table` is SQL, already quoted. */
export function createTable(
  dialect: Dialect,
  table: string,
  columns: readonly TableColumn[],
  key: readonly string[] = [],
): string {
  const lines = columns.map(
    (column) => `${dialect.quote(column.name)} ${dialect.ddlType(column.type)}${column.nullable ? '' : ' NOT NULL'}`,
  )
  if (key.length > 0) lines.push(`PRIMARY KEY (${quotedNames(dialect, key)})`)
  return `CREATE TABLE ${table} (\n  ${lines.join(',\n  ')}\n)`
}
