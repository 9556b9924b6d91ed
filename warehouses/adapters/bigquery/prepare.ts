import type { Entity } from '../../../models/types.js'
import type { Param } from '../../contract/values.js'
import type { Change } from '../../toolkit/ledger.js'
import { type Place, tableIn } from './dialect.js'
import { failureOf } from './errors.js'
import type { Jobs } from './jobs.js'
import { Ledger } from './ledger.js'
import type { BigqueryOptions } from './options.js'
import { patient } from './retry.js'
import { type SilverTable, silverTables, stateShapes } from './schema.js'
import type { WriterSession } from './session.js'
import type { Tables } from './tables.js'

/** The dataset, where it is missing and may be made. False when it was there. */
export function ensureDataset(jobs: Jobs, { dataset, location, labels }: BigqueryOptions): Promise<boolean> {
  return jobs.request(async (client) => {
    try {
      await client.dataset(dataset).getMetadata()
      return false
    } catch (error) {
      if (failureOf(error).status !== 404) throw error
    }
    try {
      await client.createDataset(dataset, {
        description: 'Silver and Gold of Goldgate.',
        labels,
        ...(location === undefined ? {} : { location }),
      })
      return true
    } catch (error) {
      if (failureOf(error).status !== 409) throw error
      return false
    }
  })
}

/** One row from the beginning: made together with its table, so that no two runners can make two. */
export async function ensureFence(jobs: Jobs, place: Place): Promise<void> {
  await jobs.query({
    sql: `CREATE TABLE IF NOT EXISTS ${tableIn(place, 'fence')} AS SELECT CAST(0 AS INT64) AS token`,
    purpose: 'setup',
    patience: patient,
  })
}

/** Everything that the writer needs, made where it is missing. The session has raised the fence before. */
export async function prepareTables(
  session: WriterSession,
  tables: Tables,
  present: ReadonlySet<string>,
  entities: readonly Entity[],
): Promise<void> {
  for (const [name, shape] of stateShapes) if (!present.has(name)) await tables.create(name, shape, 'state')
  const outdated = await outdatedTables(session, present, silverTables(entities))
  if (outdated.length === 0) return
  const names = outdated.map(({ name }) => name)
  // The ledger first: whatever is killed behind it, the next runner makes these tables again and loads their batches again.
  await session.transaction('setup', [...new Ledger(session).forget(names), undeclare(session, names)])
  const old = outdated.filter(({ name }) => present.has(`silver_${name}`))
  if (old.length > 0)
    await session.ddl(
      'setup',
      old.map(({ name }) => `DROP TABLE IF EXISTS ${tableIn(session.place, `silver_${name}`)}`),
    )
  for (const { name, shape } of outdated) await tables.create(`silver_${name}`, shape, 'silver')
  await session.transaction(
    'setup',
    outdated.map((table) => declare(session, table)),
  )
}

/** Tables that are missing or were made from another declaration. */
async function outdatedTables(
  session: WriterSession,
  present: ReadonlySet<string>,
  wanted: readonly SilverTable[],
): Promise<SilverTable[]> {
  const text = { kind: 'text' } as const
  const rows = await session.read({
    sql: `SELECT name, signature FROM ${declarations(session)}`,
    params: [],
    columns: [
      { name: 'name', type: text },
      { name: 'signature', type: text },
    ],
  })
  const known = new Map(rows.map(({ name, signature }) => [name, signature]))
  return wanted.filter(({ name, signature }) => !present.has(`silver_${name}`) || known.get(name) !== signature)
}

const declarations = (session: WriterSession): string => tableIn(session.place, 'declarations')
const text = (value: string): Param => ({ type: { kind: 'text' }, value })

function undeclare(session: WriterSession, names: readonly string[]): Change {
  const list = names.map((_, index) => `@p${index + 1}`).join(', ')
  return { sql: `DELETE FROM ${declarations(session)} WHERE name IN (${list})`, params: names.map(text) }
}

const declare = (session: WriterSession, { name, signature }: SilverTable): Change => ({
  sql: `INSERT INTO ${declarations(session)} (name, signature) VALUES (@p1, @p2)`,
  params: [text(name), text(signature)],
})
