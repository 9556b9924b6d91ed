import type { DuckDBConnection } from '@duckdb/node-api'
import { integer } from '../../../models/columns.js'
import type { Batch } from '../../contract/batch.js'
import { textLiteral } from '../../dialect/standard.js'
import type { Change } from '../../toolkit/ledger.js'
import { mergeAppend, mergeFull } from '../../toolkit/merge.js'
import { landingName } from '../../toolkit/silver-table.js'
import { duckdbDialect as dialect } from './dialect.js'
import type { WarehouseFolder } from './folder.js'
import { ledger, textParams } from './schema.js'
import { execute, readRows } from './values.js'

/**
 * Batch → landing and ledger, inside the caller's transaction. DuckDB reads Parquet as it reads a table, so landing is a copy of the file: it is whole
 * under its name before the ledger names it, and whoever cleared the store's own copy away does not matter.
 */
export async function loadBatch(connection: DuckDBConnection, batch: Batch, folder: WarehouseFolder): Promise<boolean> {
  if ((await readRows(connection, ledger.ofBatch(batch))).length > 0) return false
  const landing = landingName(batch)
  const path = await folder.addLanding(landing, batch.parquetPath)
  const [counted] = await readRows(connection, {
    sql: `SELECT CAST(COALESCE(SUM(num_rows), 0) AS BIGINT) AS n FROM parquet_file_metadata(${textLiteral(path)})`,
    params: [],
    columns: [{ name: 'n', type: integer }],
  })
  const rows = counted?.n
  if (rows !== batch.rows)
    throw new Error(
      `the batch ${batch.hash} of ${batch.entity.name} was said to hold ${batch.rows} rows and holds ${String(rows)}`,
    )
  await change(connection, ledger.add(batch, landing))
  return true
}

/** Landing → silver, inside the caller's transaction. Throws for a batch that was never loaded. */
export async function mergeBatch(
  connection: DuckDBConnection,
  batch: Batch,
  folder: WarehouseFolder,
): Promise<boolean> {
  const [found] = await readRows(connection, ledger.ofBatch(batch))
  if (found === undefined)
    throw new Error(`the batch ${batch.hash} of ${batch.entity.name} is merged before it is loaded`)
  if (found.merged === true) return false
  const landing = `read_parquet(${textLiteral(folder.landingFile(String(found.landing)))})`
  const { remove, insert } = (batch.mode === 'full' ? mergeFull : mergeAppend)(dialect, batch.entity, landing)
  await execute(connection, remove, textParams(batch.source))
  await execute(connection, insert)
  await change(connection, ledger.markMerged(batch))
  return true
}

/** Landing files that wait for their merge. */
export async function neededLandings(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const rows = await readRows(connection, ledger.unmerged())
  return new Set(rows.map(({ landing }) => String(landing)))
}

async function change(connection: DuckDBConnection, { sql, params }: Change): Promise<void> {
  await execute(connection, sql, params)
}
