import type { ClientBase } from 'pg'
import type { ManifestRecord } from '../bronze/named-objects.js'
import type { WrittenManifest } from '../bronze/read-manifest.js'
import type { ControlDatabase } from './database.js'
import { ControlError } from './errors.js'
import type { Lease } from './lease.js'
import { nameManifest } from './replicas.js'

export interface Run {
  readonly runId: string
  readonly sources: readonly string[]
  readonly dataDirectory: string | null
  /** The only warehouses it works on; null: all. */
  readonly warehouses: readonly string[] | null
  /** "YYYY-MM-DD" */
  readonly givenAsOf: string | null
  /** "YYYY-MM-DD", UTC: the `dt=` of what it lands. */
  readonly startedOn: string
  /** Grows with every run. */
  readonly sequence: number
}

export interface NewRun {
  readonly runId: string
  readonly sources: readonly string[]
  readonly dataDirectory: string | null
  readonly warehouses?: readonly string[] | null
  readonly givenAsOf: string | null
}

export interface StepNumbers {
  readonly rows?: bigint | number
  readonly objects?: number
  readonly bytes?: bigint | number
}

const RUN_COLUMNS = `run_id AS "runId", seq::float8 AS sequence, sources, data_directory AS "dataDirectory", warehouses,
  to_char(given_as_of, 'YYYY-MM-DD') AS "givenAsOf", to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "startedOn"`

/** A delivery and its manifest. */
export interface KnownDelivery {
  readonly runId: string
  readonly manifest: WrittenManifest
}

const DELIVERIES = `SELECT d.run_id AS "runId", json_build_object('key', d.manifest_key, 'sha256', m.sha256) AS manifest
  FROM goldgate_control.deliveries AS d JOIN goldgate_control.runs AS r USING (run_id)
  LEFT JOIN goldgate_control.manifests AS m USING (manifest_key)`

/** Runs and their steps. All writes are guarded by the lease. */
export class RunLog {
  constructor(
    private readonly database: ControlDatabase,
    private readonly lease: Lease,
  ) {}

  /** The run whose process ended before it did, if there is one. */
  async interrupted(): Promise<Run | undefined> {
    const found = await this.database.query<Run>(
      `SELECT ${RUN_COLUMNS} FROM goldgate_control.runs WHERE status = 'running' ORDER BY seq LIMIT 1`,
    )
    return found[0]
  }

  /** Throws RUN_ID_TAKEN. */
  async begin(run: NewRun): Promise<Run> {
    return this.lease.write(this.database, async (client) => {
      const begun = await client.query<Run>(
        `INSERT INTO goldgate_control.runs (run_id, status, sources, data_directory, given_as_of, warehouses)
         VALUES ($1, 'running', $2, $3, $4, $5) ON CONFLICT (run_id) DO NOTHING RETURNING ${RUN_COLUMNS}`,
        [run.runId, run.sources, run.dataDirectory, run.givenAsOf, run.warehouses ?? null],
      )
      const row = begun.rows[0]
      if (!row)
        throw new ControlError(
          'RUN_ID_TAKEN',
          `There is a run ${run.runId} already. Choose another --run-id, or leave it out.`,
        )
      return row
    })
  }

  async isKnown(runId: string): Promise<boolean> {
    const found = await this.database.query('SELECT FROM goldgate_control.runs WHERE run_id = $1', [runId])
    return found.length === 1
  }

  async end(runId: string, status: 'succeeded' | 'failed', error?: string): Promise<void> {
    await this.lease.write(this.database, (client) =>
      client.query(
        'UPDATE goldgate_control.runs SET status = $2, error = $3, ended_at = clock_timestamp() WHERE run_id = $1',
        [runId, status, error ?? null],
      ),
    )
  }

  async startStep(runId: string, step: string, subject: string): Promise<void> {
    await this.lease.write(this.database, (client) =>
      client.query(
        `INSERT INTO goldgate_control.steps (run_id, step, subject, status) VALUES ($1, $2, $3, 'running')
         ON CONFLICT (run_id, step, subject) DO UPDATE SET status = 'running', started_at = clock_timestamp(), ended_at = NULL, error = NULL`,
        [runId, step, subject],
      ),
    )
  }

  async endStep(
    runId: string,
    step: string,
    subject: string,
    status: 'done' | 'failed' | 'skipped',
    numbers: StepNumbers & { readonly error?: string } = {},
  ): Promise<void> {
    await this.lease.write(this.database, (client) =>
      client.query(
        `UPDATE goldgate_control.steps SET status = $4, ended_at = clock_timestamp(), rows = $5, bytes = $6, objects = $7, error = $8
         WHERE run_id = $1 AND step = $2 AND subject = $3`,
        [
          ...[runId, step, subject, status],
          ...[numbers.rows ?? null, numbers.bytes ?? null, numbers.objects ?? null, numbers.error ?? null],
        ],
      ),
    )
  }

  /** Whether this step of this run ended well before. */
  async isDone(runId: string, step: string, subject: string): Promise<boolean> {
    const found = await this.database.query(
      `SELECT FROM goldgate_control.steps WHERE run_id = $1 AND step = $2 AND subject = $3 AND status IN ('done', 'skipped')`,
      [runId, step, subject],
    )
    return found.length === 1
  }

  /** What a run delivered of a source, and that `store` holds it. */
  async recordDelivery(manifest: ManifestRecord, store: string): Promise<void> {
    await this.lease.write(this.database, async (client) => {
      await nameManifest(client, manifest, store)
      await client.query(
        'INSERT INTO goldgate_control.deliveries (run_id, source, manifest_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [manifest.runId, manifest.source, manifest.key],
      )
    })
  }

  /** Manifest of the newest delivery of a source, and the run that made it. */
  async newestDelivery(source: string): Promise<KnownDelivery | undefined> {
    const found = await this.database.query<KnownDelivery>(
      `${DELIVERIES} WHERE d.source = $1 ORDER BY r.seq DESC LIMIT 1`,
      [source],
    )
    return found[0]
  }

  /** Deliveries of a source that a run knew, its own included, oldest first. */
  async deliveriesUpTo(source: string, runId: string): Promise<readonly KnownDelivery[]> {
    return this.database.query(
      `${DELIVERIES}
       WHERE d.source = $1 AND r.seq <= (SELECT seq FROM goldgate_control.runs WHERE run_id = $2) ORDER BY r.seq`,
      [source, runId],
    )
  }

  /** Runs that delivered something of this source after it was last conformed. */
  async unconformed(source: string): Promise<ReadonlySet<string>> {
    const found = await this.database.query<{ run_id: string }>(
      `SELECT d.run_id FROM goldgate_control.deliveries AS d JOIN goldgate_control.runs AS r USING (run_id)
       WHERE d.source = $1 AND r.seq > COALESCE((
         SELECT c.seq FROM goldgate_control.source_states AS s JOIN goldgate_control.runs AS c USING (run_id) WHERE s.source = $1), 0)`,
      [source],
    )
    return new Set(found.map((row) => row.run_id))
  }

  /** Runs whose Bronze objects belong to a manifest, oldest first. */
  async runsWithDelivery(source: string): Promise<ReadonlySet<string>> {
    const found = await this.database.query<{ run_id: string }>(
      'SELECT run_id FROM goldgate_control.deliveries JOIN goldgate_control.runs USING (run_id) WHERE source = $1 ORDER BY seq',
      [source],
    )
    return new Set(found.map((row) => row.run_id))
  }

  /** Throws FENCED when another runner has the lease: for what no transaction can guard, right before it is done. */
  async requireLease(): Promise<void> {
    await this.lease.write(this.database, async () => {})
  }

  /** For writes that belong together with others of this run. */
  async write<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    return this.lease.write(this.database, work)
  }
}
