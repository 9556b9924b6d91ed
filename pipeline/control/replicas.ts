import type { ClientBase } from 'pg'
import type { ManifestKind } from '../bronze/layout.js'
import type { ManifestRecord } from '../bronze/named-objects.js'
import type { ControlDatabase } from './database.js'
import type { Lease } from './lease.js'

/** A manifest as the control database knows it. `sha256` is null where it was landed by version 0.1. */
export interface KnownManifest {
  readonly key: string
  readonly kind: ManifestKind
  readonly runId: string
  readonly source: string
  readonly sha256: string | null
}

/** What a store lacks of all manifests. */
export interface StoreDebt {
  readonly store: string
  readonly manifests: number
  readonly bytes: number
  /** When the oldest of them was made; null when there are none. */
  readonly since: Date | null
  /** Of the last attempt to bring it up to date, when that failed. */
  readonly error: string | null
  readonly failedAt: Date | null
}

const MANIFEST = `m.manifest_key AS key, m.kind, m.run_id AS "runId", m.source, m.sha256`

/** Which manifests there are, and which store holds which. */
export class ReplicaLog {
  constructor(private readonly database: ControlDatabase) {}

  /** Manifests that a store is not known to hold, oldest first; a run's raw objects before its batches. */
  debts(store: string): Promise<readonly KnownManifest[]> {
    return this.database.query(
      `SELECT ${MANIFEST} FROM goldgate_control.manifests AS m JOIN goldgate_control.runs AS r USING (run_id)
       WHERE NOT EXISTS (SELECT FROM goldgate_control.replicas AS p WHERE p.store = $1 AND p.manifest_key = m.manifest_key)
       ORDER BY r.seq, m.kind, m.source COLLATE "C"`,
      [store],
    )
  }

  /** All manifests, oldest first. */
  manifests(): Promise<readonly KnownManifest[]> {
    return this.database.query(
      `SELECT ${MANIFEST} FROM goldgate_control.manifests AS m JOIN goldgate_control.runs AS r USING (run_id)
       ORDER BY r.seq, m.kind, m.source COLLATE "C"`,
      [],
    )
  }

  /** Of each source and kind the newest manifest that a store is known to hold: what tells that it was emptied since. */
  async newestHeld(store: string): Promise<readonly string[]> {
    const found = await this.database.query<{ key: string }>(
      `SELECT DISTINCT ON (m.source, m.kind) m.manifest_key AS key FROM goldgate_control.manifests AS m
       JOIN goldgate_control.runs AS r USING (run_id) JOIN goldgate_control.replicas AS p USING (manifest_key)
       WHERE p.store = $1 ORDER BY m.source, m.kind, r.seq DESC`,
      [store],
    )
    return found.map((row) => row.key)
  }

  /** Keys of all manifests that a store is known to hold. */
  async held(store: string): Promise<ReadonlySet<string>> {
    const found = await this.database.query<{ key: string }>(
      'SELECT manifest_key AS key FROM goldgate_control.replicas WHERE store = $1',
      [store],
    )
    return new Set(found.map((row) => row.key))
  }

  /** Other stores that hold what a store owes: of another profile, when they are none of this one. */
  async holdersOfDebts(store: string): Promise<readonly string[]> {
    const found = await this.database.query<{ name: string }>(
      `SELECT DISTINCT h.store AS name FROM goldgate_control.replicas AS h
       WHERE NOT EXISTS (SELECT FROM goldgate_control.replicas AS p WHERE p.store = $1 AND p.manifest_key = h.manifest_key)
       ORDER BY 1`,
      [store],
    )
    return found.map((row) => row.name)
  }

  /** Runs whose manifest of a source and kind a store holds: their objects are there. */
  async heldRuns(store: string): Promise<ReadonlySet<string>> {
    const found = await this.database.query<{ name: string }>(
      `SELECT concat_ws(' ', m.kind, m.run_id, m.source) AS name FROM goldgate_control.replicas
       JOIN goldgate_control.manifests AS m USING (manifest_key) WHERE store = $1`,
      [store],
    )
    return new Set(found.map((row) => row.name))
  }

  /** Runs that go on now, or were interrupted: what they wrote is not recorded yet. */
  async unfinishedRuns(): Promise<readonly string[]> {
    const found = await this.database.query<{ id: string }>(
      `SELECT run_id AS id FROM goldgate_control.runs WHERE status = 'running'`,
      [],
    )
    return found.map((row) => row.id)
  }

  /** A store has a manifest and everything that it names. */
  async recordHeld(lease: Lease, store: string, manifestKeys: readonly string[]): Promise<void> {
    await lease.write(this.database, async (client) => {
      await client.query(
        `INSERT INTO goldgate_control.replicas (store, manifest_key) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
        [store, manifestKeys],
      )
    })
  }

  /** A store lost manifests: it owes them again. */
  async recordLost(lease: Lease, store: string, manifestKeys: readonly string[]): Promise<void> {
    await lease.write(this.database, (client) =>
      client.query('DELETE FROM goldgate_control.replicas WHERE store = $1 AND manifest_key = ANY($2)', [
        store,
        manifestKeys,
      ]),
    )
  }

  /** Why a store could not be brought up to date; undefined when it was. */
  async recordAttempt(lease: Lease, store: string, error: string | undefined): Promise<void> {
    await lease.write(this.database, (client) =>
      error === undefined
        ? client.query('DELETE FROM goldgate_control.store_failures WHERE store = $1', [store])
        : client.query(
            `INSERT INTO goldgate_control.store_failures (store, error) VALUES ($1, $2)
             ON CONFLICT (store) DO UPDATE SET error = $2, failed_at = clock_timestamp()`,
            [store, error],
          ),
    )
  }

  /** One row a store, in the order given. */
  report(stores: readonly string[]): Promise<readonly StoreDebt[]> {
    return this.database.query(
      `SELECT s.store, count(m.manifest_key)::float8 AS manifests, COALESCE(sum(m.bytes), 0)::float8 AS bytes,
              min(m.recorded_at) AS since, f.error, f.failed_at AS "failedAt"
       FROM unnest($1::text[]) WITH ORDINALITY AS s(store, nth)
       LEFT JOIN goldgate_control.manifests AS m ON NOT EXISTS (
         SELECT FROM goldgate_control.replicas AS p WHERE p.store = s.store AND p.manifest_key = m.manifest_key)
       LEFT JOIN goldgate_control.store_failures AS f ON f.store = s.store
       GROUP BY s.store, s.nth, f.error, f.failed_at ORDER BY s.nth`,
      [stores],
    )
  }
}

/** In the transaction that records what the manifest is about: it is in the store where it was made. */
export async function nameManifest(client: ClientBase, manifest: ManifestRecord, store: string): Promise<void> {
  const { key, kind, runId, source, sha256, objects, bytes } = manifest
  await client.query(
    `INSERT INTO goldgate_control.manifests (manifest_key, run_id, source, kind, sha256, objects, bytes)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (manifest_key) DO UPDATE SET sha256 = $5, objects = $6, bytes = $7`,
    [key, runId, source, kind, sha256, objects, bytes],
  )
  // Where an interrupted attempt had written it with other content, that is no copy of it.
  await client.query('DELETE FROM goldgate_control.replicas WHERE manifest_key = $1', [key])
  await client.query('INSERT INTO goldgate_control.replicas (store, manifest_key) VALUES ($1, $2)', [store, key])
}
