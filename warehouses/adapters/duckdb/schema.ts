import type { DuckDBConnection } from '@duckdb/node-api'
import { text } from '../../../models/columns.js'
import type { Entity } from '../../../models/types.js'
import type { Param } from '../../contract/values.js'
import { LedgerStatements } from '../../toolkit/ledger.js'
import { createTable } from '../../toolkit/silver-table.js'
import {
  ledgerTable,
  type SilverTable,
  silverTables,
  silverTablesTable,
  stateTable,
} from '../../toolkit/state-tables.js'
import { duckdbDialect as dialect } from './dialect.js'
import { execute, readRows } from './values.js'

const made = stateTable(dialect, silverTablesTable)

export const ledger = new LedgerStatements(dialect)
export const textParams = (...values: string[]): Param[] => values.map((value) => ({ type: text, value }))

/** Everything the writer needs in its Silver file, made where it is missing. Runs inside a transaction. */
export async function prepareSilver(connection: DuckDBConnection, entities: readonly Entity[]): Promise<void> {
  for (const schema of ['goldgate_state', 'silver'])
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${dialect.quote(schema)}`)
  for (const table of [ledgerTable, silverTablesTable])
    await connection.run(createTable(dialect, `IF NOT EXISTS ${stateTable(dialect, table)}`, table.columns, table.key))
  const rows = await readRows(connection, {
    sql: `SELECT name, ddl FROM ${made}`,
    params: [],
    columns: [
      { name: 'name', type: text },
      { name: 'ddl', type: text },
    ],
  })
  const known = new Map(rows.map(({ name, ddl }) => [name, ddl]))
  for (const table of silverTables(dialect, entities))
    if (known.get(table.name) !== table.ddl) await makeSilverTable(connection, table)
}

/** A table of an older declaration goes with its ledger: its rows are in the batches and are loaded again. */
async function makeSilverTable(connection: DuckDBConnection, table: SilverTable): Promise<void> {
  const forgotten = ledger.forget(table.name)
  await execute(connection, forgotten.sql, forgotten.params)
  await connection.run(`DROP TABLE IF EXISTS ${dialect.silverTable(table.name)}`)
  await connection.run(table.ddl)
  await execute(
    connection,
    `INSERT INTO ${made} (name, ddl) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET ddl = excluded.ddl`,
    textParams(table.name, table.ddl),
  )
}
