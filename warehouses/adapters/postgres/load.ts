import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Batch } from '../../contract/batch.js'
import { parquetToCsv } from '../../parquet/to-csv.js'
import { createTable, landingName, quotedNames, silverColumns } from '../../toolkit/silver-table.js'
import { postgresDialect as dialect } from './dialect.js'
import { landingTable, ledger } from './schema.js'
import { readRows, toParameters } from './values.js'

/**
 * Batch → landing and ledger, inside the caller's transaction. The table is made in the same one, so that a server with
 * `wal_level = minimal` writes no log for it. COPY FREEZE was measured and gains nothing: the table is read once and dropped.
 */
export async function loadBatch(client: pg.Client, batch: Batch, temporaryDirectory: string): Promise<boolean> {
  if ((await readRows(client, ledger.ofBatch(batch))).length > 0) return false
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
  const entry = ledger.add(batch, landing)
  await client.query(entry.sql, toParameters(entry.params))
  return true
}
