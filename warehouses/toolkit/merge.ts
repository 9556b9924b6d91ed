import { sourceColumn } from '../../models/lineage.js'
import type { Entity } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import { quotedNames, silverColumns, silverKey } from './silver-table.js'

/** The statements of one merge. `remove` has the source as its only parameter. */
export interface MergeStatements {
  readonly remove: string
  readonly insert: string
}

/** `full`: the batch is all there is of its source. Duplicates of a key stay, so that a check can report them. */
export function mergeFull(dialect: Dialect, entity: Entity, landing: string): MergeStatements {
  const silver = dialect.silverTable(entity.name)
  const columns = columnNames(dialect, entity)
  return {
    remove: `DELETE FROM ${silver} WHERE ${isOfSource(dialect)}`,
    insert: `INSERT INTO ${silver} (${columns}) SELECT ${columns} FROM ${landing}`,
  }
}

/**
 * `append`: the row of the higher version wins, the later batch where versions are equal or either is unknown. What `remove`
 * leaves of a key is newer than the batch, so `insert` leaves that key out.
 */
export function mergeAppend(dialect: Dialect, entity: Entity, landing: string): MergeStatements {
  const silver = dialect.silverTable(entity.name)
  const columns = columnNames(dialect, entity)
  const version = dialect.quote('_version')
  const sameKey = silverKey(entity)
    .map((name) => `l.${dialect.quote(name)} = s.${dialect.quote(name)}`)
    .join(' AND ')
  const notOlder = `(l.${version} >= s.${version} OR l.${version} IS NULL OR s.${version} IS NULL)`
  return {
    remove:
      `DELETE FROM ${silver} AS s WHERE s.${isOfSource(dialect)}` +
      ` AND EXISTS (SELECT 1 FROM ${landing} AS l WHERE ${sameKey} AND ${notOlder})`,
    insert:
      `INSERT INTO ${silver} (${columns}) SELECT ${columns} FROM ${landing} AS l` +
      ` WHERE NOT EXISTS (SELECT 1 FROM ${silver} AS s WHERE ${sameKey})`,
  }
}

const columnNames = (dialect: Dialect, entity: Entity): string =>
  quotedNames(
    dialect,
    silverColumns(entity).map((column) => column.name),
  )

const isOfSource = (dialect: Dialect): string =>
  dialect.compare(dialect.quote(sourceColumn.name), '=', dialect.param(1, sourceColumn.type), sourceColumn.type)
