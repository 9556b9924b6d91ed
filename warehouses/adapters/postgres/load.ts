import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Batch } from '../../contract/batch.js'
import { parquetToCsv } from '../../parquet/to-csv.js'
import { createTable, landingName, quotedNames, silverColumns } from '../../toolkit/silver-table.js'
import { postgresDialect as dialect } from './dialect.js'
import { landingTable, ledger } from './schema.js'

/**
 * Batch → landing and ledger, inside the caller's transaction. The table is made in the same one, so that a server with
 * `wal_level = minimal` writes no log for it. COPY FREEZE was measured and gains nothing: the table is read once and dropped.
 */
export async function loadBatch(client: pg.Client, batch: Batch, temporaryDirectory: string): Promise<boolean> {
  const entry = [batch.source, batch.entity.name, batch.hash]
  const known = await client.query(`SELECT 1 FROM ${ledger} WHERE source = $1 AND entity = $2 AND hash = $3`, entry)
  if (known.rowCount !== 0) return false
  const columns = silverColumns(batch.entity)
  const landing = landingName(batch)
  const table = landingTable(landing)
  await client.query(`DROP TABLE IF EXISTS ${table}`)
  await client.query(createTable(dialect, table, columns))
  const names = quotedNames(
    dialect,
    columns.map((column) => column.name),
  )
  let rows = 0n
  const parts = parquetToCsv(batch.parquetPath, columns, { directory: temporaryDirectory, prefix: landing })
  for await (const part of parts) {
    const copy = client.query(copyFrom(`COPY ${table} (${names}) FROM STDIN (FORMAT csv)`))
    await pipeline(createReadStream(part, { highWaterMark: 256 * 1024 }), copy)
    rows += BigInt(copy.rowCount)
  }
  if (rows !== batch.rows)
    throw new Error(
      `the batch ${batch.hash} of ${batch.entity.name} was said to hold ${batch.rows} rows and holds ${rows}`,
    )
  await client.query(
    `INSERT INTO ${ledger} (source, entity, hash, run_id, landing, rows, merged) VALUES ($1, $2, $3, $4, $5, $6, FALSE)`,
    [...entry, batch.runId, landing, String(rows)],
  )
  return true
}
