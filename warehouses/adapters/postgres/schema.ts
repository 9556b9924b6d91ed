import type pg from 'pg'
import { text } from '../../../models/columns.js'
import type { Entity } from '../../../models/types.js'
import { LedgerStatements } from '../../toolkit/ledger.js'
import { createTable, quotedNames, silverKey } from '../../toolkit/silver-table.js'
import {
  ledgerTable,
  type SilverTable,
  type StateTable,
  silverTables,
  silverTablesTable,
  stateTable,
} from '../../toolkit/state-tables.js'
import { postgresDialect as dialect } from './dialect.js'

export const ledger = new LedgerStatements(dialect)
const ledgerName = stateTable(dialect, ledgerTable)

/** Everything of a warehouse lies in these. */
export const schemas = ['goldgate_state', 'landing', 'silver', 'gold_builds', 'gold'] as const

/** The Gold tables there are, each with the tag of its build. */
export const goldTables: StateTable = {
  name: 'gold_tables',
  columns: [
    { name: 'tag', type: text, nullable: false },
    { name: 'model', type: text, nullable: false },
  ],
  key: ['tag', 'model'],
}

export const landingTable = (name: string): string => `landing.${dialect.quote(name)}`
/** A name of its own, so that the index can be dropped and made again around a bulk insert. */
const indexName = (entity: string): string => dialect.quote(`${entity}__key`)

export const createKeyIndex = (entity: Entity): string =>
  `CREATE INDEX ${indexName(entity.name)} ON ${dialect.silverTable(entity.name)} (${quotedNames(dialect, silverKey(entity))})`
export const dropKeyIndex = (entity: Entity): string => `DROP INDEX silver.${indexName(entity.name)}`

/** Everything the writer needs, made where it is missing. Runs inside a transaction. */
export async function prepareDatabase(client: pg.Client, entities: readonly Entity[]): Promise<void> {
  // CREATE … IF NOT EXISTS of two sessions at once fails with a duplicate key in the catalog.
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('goldgate schema'))`)
  await client.query(`
    ${schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema};`).join('\n')}
    CREATE TABLE IF NOT EXISTS goldgate_state.fence (only_row boolean PRIMARY KEY DEFAULT TRUE CHECK (only_row), token bigint NOT NULL);
    INSERT INTO goldgate_state.fence (token) VALUES (0) ON CONFLICT DO NOTHING;
    ${[ledgerTable, silverTablesTable, goldTables].map(createStateTable).join(';\n')}`)
  const made = stateTable(dialect, silverTablesTable)
  const { rows } = await client.query<{ name: string; ddl: string }>(`SELECT name, ddl FROM ${made}`)
  const known = new Map(rows.map(({ name, ddl }) => [name, ddl]))
  for (const table of silverTables(dialect, entities)) {
    if (known.get(table.name) === table.ddl) continue
    await makeSilverTable(client, table)
    await client.query(
      `INSERT INTO ${made} (name, ddl) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET ddl = excluded.ddl`,
      [table.name, table.ddl],
    )
  }
}

/** A table of an older declaration goes with its ledger: its rows are in the batches and are loaded again. */
async function makeSilverTable(client: pg.Client, table: SilverTable): Promise<void> {
  const { rows } = await client.query<{ landing: string }>(
    `DELETE FROM ${ledgerName} WHERE entity = $1 RETURNING landing`,
    [table.name],
  )
  for (const { landing } of rows) await client.query(`DROP TABLE IF EXISTS ${landingTable(landing)}`)
  await client.query(`DROP TABLE IF EXISTS ${dialect.silverTable(table.name)} CASCADE`)
  await client.query(table.ddl)
  if (table.entity !== undefined) await client.query(createKeyIndex(table.entity))
}

const createStateTable = (table: StateTable): string =>
  createTable(dialect, `IF NOT EXISTS ${stateTable(dialect, table)}`, table.columns, table.key)
