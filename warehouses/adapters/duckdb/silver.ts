import type { DuckDBConnection } from '@duckdb/node-api'
import type { Batch } from '../../contract/batch.js'
import { mergeAppend, mergeFull } from '../../toolkit/merge.js'
import { landingName } from '../../toolkit/silver-table.js'
import { duckdbDialect as dialect } from './dialect.js'
import { literal } from './engine.js'
import type { WarehouseFolder } from './folder.js'
import { ledger, textParams } from './schema.js'
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

/**
 * Batch → landing and ledger, inside the caller's transaction. DuckDB reads Parquet as it reads a table, so landing is a copy of the file: it is whole
 * under its name before the ledger names it, and whoever cleared the store's own copy away does not matter.
 */
export async function loadBatch(connection: DuckDBConnection, batch: Batch, folder: WarehouseFolder): Promise<boolean> {
  if ((await entry(connection, batch)) !== undefined) return false
  const landing = landingName(batch)
  const path = await folder.addLanding(landing, batch.parquetPath)
  const [counted] = await readRows(connection, {
    sql: `SELECT CAST(COALESCE(SUM(num_rows), 0) AS BIGINT) AS n FROM parquet_file_metadata(${literal(path)})`,
    params: [],
    columns: [{ name: 'n', type: { kind: 'integer' } }],
  })
  const rows = counted?.n
  if (rows !== batch.rows)
    throw new Error(
      `the batch ${batch.hash} of ${batch.entity.name} was said to hold ${batch.rows} rows and holds ${String(rows)}`,
    )
  await execute(
    connection,
    `INSERT INTO ${ledger} (source, entity, hash, run_id, landing, rows, merged) VALUES ($1, $2, $3, $4, $5, CAST($6 AS BIGINT), FALSE)`,
    [...entryOf(batch), ...textParams(batch.runId, landing, String(rows))],
  )
  return true
}

/** Landing → silver, inside the caller's transaction. Throws for a batch that was never loaded. */
export async function mergeBatch(
  connection: DuckDBConnection,
  batch: Batch,
  folder: WarehouseFolder,
): Promise<boolean> {
  const found = await entry(connection, batch)
  if (found === undefined)
    throw new Error(`the batch ${batch.hash} of ${batch.entity.name} is merged before it is loaded`)
  if (found.merged) return false
  const landing = `read_parquet(${literal(folder.landingFile(found.landing))})`
  const { remove, insert } = (batch.mode === 'full' ? mergeFull : mergeAppend)(dialect, batch.entity, landing)
  await execute(connection, remove, textParams(batch.source))
  await execute(connection, insert)
  await execute(connection, `UPDATE ${ledger} SET merged = TRUE WHERE ${ofBatch}`, entryOf(batch))
  return true
}

/** Landing files that wait for their merge. */
export async function neededLandings(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const rows = await readRows(connection, {
    sql: `SELECT landing FROM ${ledger} WHERE NOT merged`,
    params: [],
    columns: [{ name: 'landing', type: { kind: 'text' } }],
  })
  return new Set(rows.map(({ landing }) => String(landing)))
}

async function entry(connection: DuckDBConnection, batch: Batch): Promise<LedgerEntry | undefined> {
  const entries = await ledgerEntries(connection, batch.source)
  const landing = landingName(batch)
  return entries.find((each) => each.hash === batch.hash && each.landing === landing)
}
