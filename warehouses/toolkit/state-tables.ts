import { boolean, integer, text } from '../../models/columns.js'
import { systemTables } from '../../models/entities/system.js'
import type { Entity, LogicalType } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import { createTable, silverColumns, type TableColumn } from './silver-table.js'

const column = (name: string, type: LogicalType = text): TableColumn => ({ name, type, nullable: false })

/** The adapter's own records of a warehouse, in schema `goldgate_state`. */
const stateSchema = 'goldgate_state'

export interface StateTable {
  readonly name: string
  readonly columns: readonly TableColumn[]
  readonly key: readonly string[]
}

/** Batches that are here. `landing` names the table that holds the batch until it is merged. */
export const ledgerTable: StateTable = {
  name: 'ledger',
  columns: [
    column('source'),
    column('entity'),
    column('hash'),
    column('run_id'),
    column('landing'),
    column('rows', integer),
    column('merged', boolean),
  ],
  key: ['source', 'entity', 'hash'],
}

/** The declaration that each Silver table was made from, as DDL. */
export const silverTablesTable: StateTable = {
  name: 'silver_tables',
  columns: [column('name'), column('ddl')],
  key: ['name'],
}

export const stateTable = (dialect: Dialect, table: StateTable): string =>
  `${dialect.quote(stateSchema)}.${dialect.quote(table.name)}`

export interface SilverTable {
  readonly name: string
  readonly ddl: string
  /** Undefined for a table of the pipeline itself. */
  readonly entity: Entity | undefined
}

/** Every table of schema `silver` with the DDL that its declaration gives. */
export function silverTables(dialect: Dialect, entities: readonly Entity[]): SilverTable[] {
  return [
    ...entities.map((entity) => ({
      name: entity.name,
      ddl: createTable(dialect, dialect.silverTable(entity.name), silverColumns(entity)),
      entity,
    })),
    ...systemTables.map((table) => ({
      name: table.name,
      ddl: createTable(dialect, dialect.silverTable(table.name), table.columns, table.key),
      entity: undefined,
    })),
  ]
}
