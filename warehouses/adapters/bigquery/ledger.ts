import type { Batch } from '../../contract/batch.js'
import type { Param } from '../../contract/values.js'
import { fenced } from '../../toolkit/errors.js'
import { tableIn } from './dialect.js'
import type { Change, WriterSession } from './session.js'

export interface LedgerEntry {
  readonly entity: string
  readonly hash: string
  readonly landing: string
  readonly merged: boolean
}

const text = (value: string): Param => ({ type: { kind: 'text' }, value })

/** HASH and ROWS are words of BigQuery; the emulator takes the first bare, BigQuery does not. */
const ofBatch = 'source = @p1 AND entity = @p2 AND `hash` = @p3'
const entryOf = (batch: Batch): Param[] => [text(batch.source), text(batch.entity.name), text(batch.hash)]
const ledgerOf = (session: WriterSession): string => tableIn(session.place, 'ledger')

/** Everything that the ledger has of one source, or of all; looks at the fence in the same statement. */
export async function ledgerEntries(session: WriterSession, source?: string): Promise<LedgerEntry[]> {
  const where = source === undefined ? '' : ' WHERE source = @p1'
  const kinds = ['entity', 'hash', 'landing'].map((name) => ({ name, type: { kind: 'text' } as const }))
  const rows = await session.read({
    sql:
      `SELECT entity, \`hash\`, landing, merged, CAST(NULL AS INT64) AS token FROM ${ledgerOf(session)}${where}` +
      ` UNION ALL SELECT CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS BOOL), MAX(token) FROM ${session.fence}`,
    params: source === undefined ? [] : [text(source)],
    columns: [...kinds, { name: 'merged', type: { kind: 'boolean' } }, { name: 'token', type: { kind: 'integer' } }],
  })
  const token = rows.find((row) => row.hash === null)?.token
  if (typeof token !== 'bigint' || token > session.token) throw fenced(session.jobs.warehouse, session.token)
  return rows.flatMap(({ entity, hash, landing, merged }) =>
    hash === null
      ? []
      : [{ entity: String(entity), hash: String(hash), landing: String(landing), merged: merged === true }],
  )
}

export async function entryOfBatch(session: WriterSession, batch: Batch): Promise<LedgerEntry | undefined> {
  const entries = await ledgerEntries(session, batch.source)
  return entries.find(({ entity, hash }) => entity === batch.entity.name && hash === batch.hash)
}

/** The batch waits in its landing table. */
export function noteLoaded(session: WriterSession, batch: Batch, landing: string): Change[] {
  return [
    { sql: `DELETE FROM ${ledgerOf(session)} WHERE ${ofBatch}`, params: entryOf(batch) },
    {
      sql:
        `INSERT INTO ${ledgerOf(session)} (source, entity, \`hash\`, run_id, landing, \`rows\`, merged)` +
        ` VALUES (@p1, @p2, @p3, @p4, @p5, @p6, FALSE)`,
      params: [...entryOf(batch), text(batch.runId), text(landing), { type: { kind: 'integer' }, value: batch.rows }],
    },
  ]
}

export function noteMerged(session: WriterSession, batch: Batch): Change {
  return { sql: `UPDATE ${ledgerOf(session)} SET merged = TRUE WHERE ${ofBatch}`, params: entryOf(batch) }
}

/** Fails where the batch is not there to be merged: another attempt whose answer was lost has done it. */
export function mustBeUnmerged(session: WriterSession, batch: Batch): Change {
  return {
    sql: `SELECT IF(COUNT(*) = 1, 0, ERROR('${mergedMark}')) AS waits FROM ${ledgerOf(session)} WHERE ${ofBatch} AND NOT merged`,
    params: entryOf(batch),
  }
}

export const mergedMark = 'goldgate: not waiting for its merge'

/** What the ledger says of an entity is no longer so. */
export function forget(session: WriterSession, entities: readonly string[]): Change {
  const list = entities.map((_, index) => `@p${index + 1}`).join(', ')
  return { sql: `DELETE FROM ${ledgerOf(session)} WHERE entity IN (${list})`, params: entities.map(text) }
}
