import type pg from 'pg'
import type { Batch } from '../../contract/batch.js'
import { mergeAppend, mergeFull } from '../../toolkit/merge.js'
import { postgresDialect as dialect } from './dialect.js'
import { ifUnlocked } from './locks.js'
import { createKeyIndex, dropKeyIndex, landingTable, ledger } from './schema.js'
import { readRows, toParameters } from './values.js'

/** How long the short ways, which need a table for themselves, wait for those who read it. Others that want to read it wait meanwhile. */
const patienceMs = 2_000

/** Landing → silver, inside the caller's transaction. Throws for a batch that was never loaded. */
export async function mergeBatch(client: pg.Client, batch: Batch): Promise<boolean> {
  const { entity, source } = batch
  const [found] = await readRows(client, ledger.ofBatch(batch))
  if (found === undefined) throw new Error(`the batch ${batch.hash} of ${entity.name} is merged before it is loaded`)
  if (found.merged === true) return false
  const landingName = String(found.landing)
  const landing = landingTable(landingName)
  const silver = dialect.silverTable(entity.name)
  let locked: Promise<boolean> | undefined
  const free = () => {
    locked ??= ifUnlocked(client, patienceMs, () => client.query(`LOCK TABLE ${silver} IN ACCESS EXCLUSIVE MODE`))
    return locked
  }
  if ((await isUntouched(client, silver, landing)) && (await free())) {
    // The first batch of all becomes the table: nothing is written twice.
    await client.query(`DROP TABLE ${silver}; ALTER TABLE ${landing} SET SCHEMA silver`)
    await client.query(`ALTER TABLE silver.${dialect.quote(landingName)} RENAME TO ${dialect.quote(entity.name)}`)
    await client.query(createKeyIndex(entity))
  } else if ((await replacesEverything(client, batch, silver)) && (await free())) {
    // An emptied table is filled without a log where wal_level is minimal, and its index is made once instead of row by row.
    await client.query(`${dropKeyIndex(entity)}; TRUNCATE ${silver}`)
    await client.query(mergeFull(dialect, entity, landing).insert)
    await client.query(createKeyIndex(entity))
    await dropLanding(client, landing)
  } else {
    const statements = (batch.mode === 'full' ? mergeFull : mergeAppend)(dialect, entity, landing)
    // Without statistics the planner takes a large batch for a small one and looks up its rows one by one.
    if (batch.mode === 'append') await client.query(`ANALYZE ${landing}`)
    await client.query(statements.remove, [source])
    await client.query(statements.insert)
    await dropLanding(client, landing)
  }
  await client.query(`ANALYZE ${silver}`)
  const merged = ledger.markMerged(batch)
  await client.query(merged.sql, toParameters(merged.params))
  return true
}

/** One that somebody has open stays; it is no longer needed and is dropped at the end of a run. */
async function dropLanding(client: pg.Client, landing: string): Promise<void> {
  await ifUnlocked(client, patienceMs, () => client.query(`DROP TABLE ${landing}`))
}

/** Nothing of the table stays: it is empty, or the batch is full and all rows are its source's. */
async function replacesEverything(client: pg.Client, batch: Batch, silver: string): Promise<boolean> {
  const others =
    batch.mode === 'full' ? { where: 'WHERE source <> $1', values: [batch.source] } : { where: '', values: [] }
  const { rows } = await client.query<{ kept: string }>(
    `SELECT EXISTS (SELECT 1 FROM ${silver} ${others.where}) AS kept`,
    others.values,
  )
  return rows[0]?.kept === 'f'
}

/** Empty, and nobody else's: no view reads it, and it has no rights that the landing table lacks. */
async function isUntouched(client: pg.Client, silver: string, landing: string): Promise<boolean> {
  const { rows } = await client.query<{ untouched: string }>(
    `SELECT NOT EXISTS (SELECT 1 FROM ${silver}) AND s.relacl IS NOT DISTINCT FROM l.relacl AND NOT EXISTS (
       SELECT 1 FROM pg_depend AS d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid AND d.classid = 'pg_rewrite'::regclass
     ) AS untouched FROM pg_class AS s, pg_class AS l WHERE s.oid = CAST($1 AS regclass) AND l.oid = CAST($2 AS regclass)`,
    [silver, landing],
  )
  return rows[0]?.untouched === 't'
}
