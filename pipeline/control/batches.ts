import { createHash } from 'node:crypto'
import type { SourceState } from '../../warehouses/contract/batch.js'
import type { BatchEntry } from '../bronze/batch-manifest.js'
import type { ManifestRecord } from '../bronze/named-objects.js'
import type { EntityCounts, QuarantineReason } from '../conform/contract.js'
import type { ControlDatabase } from './database.js'
import type { Lease } from './lease.js'
import { nameManifest } from './replicas.js'

export interface BatchRecord {
  readonly runId: string
  readonly source: string
  readonly entity: string
  readonly mode: 'full' | 'append'
  /** Of the SELECT and everything it read. */
  readonly hash: string
  readonly objectKey: string
  readonly bytes: number
  /** Of the object. */
  readonly sha256: string
  readonly counts: EntityCounts
  readonly quarantine: readonly QuarantineReason[]
  readonly quarantineKey: string | null
}

export type StoredBatch = Pick<
  BatchRecord,
  'runId' | 'source' | 'entity' | 'mode' | 'hash' | 'objectKey' | 'bytes' | 'quarantineKey'
> & {
  readonly rows: bigint
  /** Of the object; null for a batch of version 0.1. */
  readonly sha256: string | null
  /** Names of the stores that are known to hold the object. */
  readonly heldBy: readonly string[]
}

export interface UnnamedBatches {
  readonly source: string
  readonly runId: string
  /** "YYYY-MM-DD", UTC, of the run's start. */
  readonly dt: string
  readonly sequence: number
  readonly batches: readonly (Omit<BatchEntry, 'key' | 'sha256' | 'bytes' | 'quarantine'> & {
    readonly objectKey: string
    readonly quarantineKey: string | null
    readonly reasons: NonNullable<BatchEntry['quarantine']>['reasons']
  })[]
}

/** Conformed batches, and what each source said of itself when it was conformed. */
export class BatchLog {
  constructor(private readonly database: ControlDatabase) {}

  /** All batches of one source in one run, with the source's state, at once; and that `store` holds the manifest that names them. */
  async record(
    lease: Lease,
    state: SourceState,
    batches: readonly BatchRecord[],
    manifest: ManifestRecord,
    store: string,
  ): Promise<void> {
    const { runId } = manifest
    await lease.write(this.database, async (client) => {
      await nameManifest(client, manifest, store)
      await client.query('DELETE FROM goldgate_control.batches WHERE run_id = $1 AND source = $2', [
        runId,
        state.source,
      ])
      for (const batch of batches) {
        const counts = batch.counts
        await client.query(
          `INSERT INTO goldgate_control.batches (run_id, source, entity, mode, hash, object_key, bytes,
             raw_rows, loaded_rows, collapsed_rows, quarantined_rows, filtered_rows, quarantine_key, sha256, manifest_key)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
          [
            ...[runId, batch.source, batch.entity, batch.mode, batch.hash, batch.objectKey, batch.bytes],
            ...[counts.raw, counts.loaded, counts.collapsed, counts.quarantined, counts.filtered, batch.quarantineKey],
            ...[batch.sha256, manifest.key],
          ],
        )
        for (const reason of batch.quarantine) {
          await client.query(
            `INSERT INTO goldgate_control.quarantine VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
            [
              ...[runId, batch.source, batch.entity, reason.dataset, reason.reason, reason.column ?? '', reason.rows],
              ...[reason.exampleObject, reason.exampleRow, printable(reason.exampleText)],
            ],
          )
        }
      }
      await client.query(
        `INSERT INTO goldgate_control.source_states VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (source) DO UPDATE SET run_id = $2, currency = $3, timezone = $4, country = $5, given_as_of = $6, entities = $7`,
        [state.source, runId, state.currency, state.timezone, state.country, state.givenAsOf, state.entities],
      )
    })
  }

  /**
   * What Silver consists of, in the order of loading: per source and entity the newest full batch and every append batch after it
   * (all append batches where there is no full one).
   */
  async effective(): Promise<readonly StoredBatch[]> {
    return this.stored(
      `WITH numbered AS (
         SELECT b.*, r.seq, max(CASE WHEN b.mode = 'full' THEN r.seq END) OVER (PARTITION BY b.source, b.entity) AS newest_full
         FROM goldgate_control.batches AS b JOIN goldgate_control.runs AS r USING (run_id))
       SELECT ${STORED} FROM numbered AS b WHERE newest_full IS NULL OR seq >= newest_full ORDER BY seq, source, entity`,
      [],
    )
  }

  /** The newest batch of each entity of a source, whichever run made it. */
  async newest(source: string): Promise<ReadonlyMap<string, StoredBatch>> {
    const found = await this.stored(
      `SELECT DISTINCT ON (entity) ${STORED}
       FROM goldgate_control.batches AS b JOIN goldgate_control.runs USING (run_id) WHERE source = $1 ORDER BY entity, seq DESC`,
      [source],
    )
    return new Map(found.map((batch) => [batch.entity, batch]))
  }

  /** All batches of the run and source that first named an object below `silver/` or `quarantine/`; none when no batch names it. */
  async madeWith(objectKey: string): Promise<readonly StoredBatch[]> {
    return this.stored(
      `WITH named AS (
         SELECT b.run_id, b.source FROM goldgate_control.batches AS b JOIN goldgate_control.runs AS r USING (run_id)
         WHERE $1 IN (b.object_key, b.quarantine_key) ORDER BY r.seq LIMIT 1)
       SELECT ${STORED} FROM goldgate_control.batches AS b JOIN named USING (run_id, source) ORDER BY b.entity COLLATE "C"`,
      [objectKey],
    )
  }

  /** What a batch says of an object that is there already. */
  async sha256Of(objectKey: string): Promise<string | undefined> {
    const found = await this.database.query<{ sha256: string }>(
      'SELECT sha256 FROM goldgate_control.batches WHERE object_key = $1 AND sha256 IS NOT NULL LIMIT 1',
      [objectKey],
    )
    return found[0]?.sha256
  }

  async states(): Promise<readonly SourceState[]> {
    const found = await this.database.query<SourceState & { entities: string[] }>(
      `SELECT source, currency, timezone, country, to_char(given_as_of, 'YYYY-MM-DD') AS "givenAsOf", entities
       FROM goldgate_control.source_states ORDER BY source COLLATE "C"`,
    )
    return found
  }

  /** Counts of the batches that a run made, for the completeness check. */
  async counts(runId: string): Promise<readonly ({ source: string; entity: string } & EntityCounts)[]> {
    const found = await this.database.query<Record<string, string>>(
      'SELECT * FROM goldgate_control.batches WHERE run_id = $1 ORDER BY source, entity',
      [runId],
    )
    return found.map((row) => ({
      source: String(row.source),
      entity: String(row.entity),
      raw: Number(row.raw_rows),
      loaded: Number(row.loaded_rows),
      collapsed: Number(row.collapsed_rows),
      quarantined: Number(row.quarantined_rows),
      filtered: Number(row.filtered_rows),
    }))
  }

  /** Every key below `silver/` and `quarantine/` that some batch names. */
  async objectKeys(): Promise<ReadonlySet<string>> {
    const found = await this.database.query<{ key: string }>(
      `SELECT object_key AS key FROM goldgate_control.batches
       UNION SELECT quarantine_key FROM goldgate_control.batches WHERE quarantine_key IS NOT NULL`,
    )
    return new Set(found.map((row) => row.key))
  }

  /** Batches of version 0.1, which no manifest names: by run and source, oldest first. */
  unnamed(): Promise<readonly UnnamedBatches[]> {
    return this.database.query<UnnamedBatches>(
      `SELECT b.source, run_id AS "runId", to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS dt, r.seq::float8 AS sequence,
         json_agg(json_build_object('entity', b.entity, 'mode', b.mode, 'hash', b.hash, 'rows', b.loaded_rows,
           'objectKey', b.object_key, 'quarantineKey', b.quarantine_key,
           'counts', json_build_object('raw', b.raw_rows, 'collapsed', b.collapsed_rows, 'quarantined', b.quarantined_rows,
             'filtered', b.filtered_rows),
           'reasons', (SELECT COALESCE(json_agg(json_strip_nulls(json_build_object('dataset', q.dataset, 'reason', q.reason,
             'column', NULLIF(q.column_name, ''), 'rows', q.rows, 'exampleObject', q.example_object, 'exampleRow', q.example_row,
             'exampleText', q.example_text)) ORDER BY q.dataset, q.reason, q.column_name), '[]')
             FROM goldgate_control.quarantine AS q
             WHERE q.run_id = b.run_id AND q.source = b.source AND q.entity = b.entity)) ORDER BY b.entity COLLATE "C") AS batches
       FROM goldgate_control.batches AS b JOIN goldgate_control.runs AS r USING (run_id)
       WHERE b.manifest_key IS NULL GROUP BY b.source, run_id, r.started_at, r.seq ORDER BY r.seq, b.source`,
    )
  }

  /** Those batches have a manifest now, in `store`; `sha256` by entity. */
  async name(
    lease: Lease,
    manifest: ManifestRecord,
    store: string,
    sha256: Readonly<Record<string, string>>,
  ): Promise<void> {
    await lease.write(this.database, async (client) => {
      await nameManifest(client, manifest, store)
      await client.query(
        `UPDATE goldgate_control.batches AS b SET manifest_key = $1, sha256 = s.sha256
         FROM unnest($4::text[], $5::text[]) AS s(entity, sha256)
         WHERE b.run_id = $2 AND b.source = $3 AND b.entity = s.entity`,
        [manifest.key, manifest.runId, manifest.source, Object.keys(sha256), Object.values(sha256)],
      )
    })
  }

  private async stored(sql: string, params: readonly unknown[]): Promise<StoredBatch[]> {
    type Row = Omit<StoredBatch, 'rows' | 'bytes'> & { rows: string; bytes: string }
    const found = await this.database.query<Row>(sql, [...params])
    return found.map((row) => ({ ...row, rows: BigInt(row.rows), bytes: Number(row.bytes) }))
  }
}

const STORED = `b.run_id AS "runId", b.source, b.entity, b.mode, b.hash, b.object_key AS "objectKey", b.loaded_rows AS rows, b.bytes, b.sha256, b.quarantine_key AS "quarantineKey",
  ARRAY(SELECT p.store FROM goldgate_control.replicas AS p WHERE p.manifest_key = b.manifest_key) AS "heldBy"`

/** PostgreSQL's text has no NUL; a raw row in quarantine may. */
function printable(text: string): string {
  return text.replaceAll('\0', '␀').slice(0, 500)
}

/** Names a batch in warehouses: the same conformed rows may come again in a later run, after others in between. */
export function batchIdentity(batch: StoredBatch): string {
  return createHash('sha256').update(`${batch.runId}\n${batch.source}\n${batch.entity}\n${batch.hash}`).digest('hex')
}
