import type { DuckDBConnection } from '@duckdb/node-api'
import type { Batch } from '../../contract/batch.js'
import { mergeAppend, mergeFull } from '../../toolkit/merge.js'
import { createTable, landingName, quotedNames, silverColumns } from '../../toolkit/silver-table.js'
import { duckdbDialect as dialect } from './dialect.js'
import { literal } from './engine.js'
import { landingTable, ledger, textParams } from './schema.js'
import { execute, readRows } from './values.js'

const ofBatch = 'source = $1 AND entity = $2 AND hash = $3'
const entryOf = (batch: Batch) => textParams(batch.source, batch.entity.name, batch.hash)

export interface LedgerEntry {
  readonly hash: string
  readonly landing: string
  readonly merged: boolean
}

export async function ledgerEntries(connection: DuckDBConnection, source: string): Promise<LedgerEntry[]> {
  const rows = await readRows(connection, {
    sql: `SELECT hash, landing, merged FROM ${ledger} WHERE source = $1`,
    params: textParams(source),
    columns: [
      { name: 'hash', type: { kind: 'text' } },
      { name: 'landing', type: { kind: 'text' } },
      { name: 'merged', type: { kind: 'boolean' } },
    ],
  })
  return rows.map(({ hash, landing, merged }) => ({
    hash: String(hash),
    landing: String(landing),
    merged: merged === true,
  }))
}

/** Batch → landing and ledger, inside the caller's transaction. */
export async function loadBatch(connection: DuckDBConnection, batch: Batch): Promise<boolean> {
  if ((await entry(connection, batch)) !== undefined) return false
  const columns = silverColumns(batch.entity)
  const names = quotedNames(
    dialect,
    columns.map((column) => column.name),
  )
  const landing = landingName(batch)
  const table = landingTable(landing)
  await connection.run(`DROP TABLE IF EXISTS ${table}`)
  await connection.run(createTable(dialect, table, columns))
  const inserted = await connection.run(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM read_parquet(${literal(batch.parquetPath)})`,
  )
  const rows = BigInt(inserted.rowsChanged)
  if (rows !== batch.rows)
    throw new Error(
      `the batch ${batch.hash} of ${batch.entity.name} was said to hold ${batch.rows} rows and holds ${rows}`,
    )
  await execute(
    connection,
    `INSERT INTO ${ledger} (source, entity, hash, run_id, landing, rows, merged) VALUES ($1, $2, $3, $4, $5, CAST($6 AS BIGINT), FALSE)`,
    [...entryOf(batch), ...textParams(batch.runId, landing, String(rows))],
  )
  return true
}

/** Landing → silver, inside the caller's transaction. Throws for a batch that was never loaded. */
export async function mergeBatch(connection: DuckDBConnection, batch: Batch): Promise<boolean> {
  const found = await entry(connection, batch)
  if (found === undefined)
    throw new Error(`the batch ${batch.hash} of ${batch.entity.name} is merged before it is loaded`)
  if (found.merged) return false
  const landing = landingTable(found.landing)
  const { remove, insert } = (batch.mode === 'full' ? mergeFull : mergeAppend)(dialect, batch.entity, landing)
  await execute(connection, remove, textParams(batch.source))
  await execute(connection, insert)
  await connection.run(`DROP TABLE ${landing}`)
  await execute(connection, `UPDATE ${ledger} SET merged = TRUE WHERE ${ofBatch}`, entryOf(batch))
  return true
}

export async function dropOrphanedLandings(connection: DuckDBConnection): Promise<string[]> {
  const rows = await readRows(connection, {
    sql: `SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'landing'
      AND table_name NOT IN (SELECT landing FROM ${ledger} WHERE NOT merged) ORDER BY table_name`,
    params: [],
    columns: [{ name: 'table_name', type: { kind: 'text' } }],
  })
  const tables = rows.map(({ table_name }) => landingTable(String(table_name)))
  for (const table of tables) await connection.run(`DROP TABLE ${table}`)
  return tables
}

async function entry(connection: DuckDBConnection, batch: Batch): Promise<LedgerEntry | undefined> {
  const entries = await ledgerEntries(connection, batch.source)
  const landing = landingName(batch)
  return entries.find((each) => each.hash === batch.hash && each.landing === landing)
}
