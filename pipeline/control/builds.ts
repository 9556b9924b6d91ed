import type pg from 'pg'
import type { BuildCatalog, BuildRef, PublishedBuild } from '../../warehouses/contract/builds.js'
import type { CheckResult } from '../quality/run-checks.js'
import { untilAcknowledged } from './acknowledgement.js'
import { insertCheckResults } from './check-results.js'
import type { ControlDatabase } from './database.js'
import { ControlError } from './errors.js'
import type { Lease } from './lease.js'
import { readPublished, readRetained } from './published-builds.js'

/** One attempt at a build in one warehouse; its tag names it. A later attempt stands for the same build where the tables of this one were lost. */
export interface BuildRecord extends BuildRef {
  readonly warehouse: string
  /** Of everything that the rows follow from here. */
  readonly fingerprint: string
  /** Of what they follow from in every warehouse alike; null where the attempt is older than that. */
  readonly inputFingerprint: string | null
  /** The run that made it; `buildId` is an older one's where other warehouses had the build before. */
  readonly runId: string
  readonly status: 'built' | 'passed' | 'failed' | 'dropped'
}

/** What names an attempt in the control database. */
export type Attempt = Pick<BuildRecord, 'warehouse' | 'tag'>

/** Builds, their checks and the pointers. */
export class BuildLog implements BuildCatalog {
  constructor(private readonly database: ControlDatabase) {}

  published(warehouses: readonly string[]): Promise<ReadonlyMap<string, PublishedBuild>> {
    return readPublished((sql, params) => this.database.query(sql, params), warehouses)
  }

  retained(warehouse: string, buildId: string): Promise<PublishedBuild | undefined> {
    return readRetained((sql, params) => this.database.query(sql, params), warehouse, buildId)
  }

  /** The newest build of a warehouse that was tried. */
  async newest(warehouse: string): Promise<BuildRecord | undefined> {
    const found = await this.database.query<BuildRecord>(
      `SELECT warehouse, build_id AS "buildId", tag, fingerprint, input_fingerprint AS "inputFingerprint", run_id AS "runId", status
       FROM goldgate_control.builds WHERE warehouse = $1 AND status <> 'dropped' ORDER BY built_at DESC, tag DESC LIMIT 1`,
      [warehouse],
    )
    return found[0]
  }

  /**
   * The id of the build that the newest attempt of any warehouse made from this input, lost ones included: whoever makes it again, or
   * later than others, gives it the same name.
   */
  async idOfInput(inputFingerprint: string): Promise<string | undefined> {
    const found = await this.database.query<{ buildId: string }>(
      `SELECT build_id AS "buildId" FROM (
         SELECT DISTINCT ON (warehouse) build_id, input_fingerprint, built_at FROM goldgate_control.builds
         ORDER BY warehouse, built_at DESC, tag DESC) AS newest
       WHERE input_fingerprint = $1 ORDER BY built_at DESC, build_id DESC LIMIT 1`,
      [inputFingerprint],
    )
    return found[0]?.buildId
  }

  /** The tables of the build are whole. */
  async recordBuilt(
    lease: Lease,
    build: Omit<BuildRecord, 'status'>,
    modelRows: Readonly<Record<string, bigint>>,
  ): Promise<void> {
    const rows = JSON.stringify(modelRows, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))
    await lease.write(this.database, async (client) => {
      // An attempt whose checks never ended is followed by this one.
      await client.query(
        `UPDATE goldgate_control.builds SET status = 'dropped' WHERE warehouse = $1 AND status = 'built' AND tag <> $2`,
        [build.warehouse, build.tag],
      )
      await client.query(
        `INSERT INTO goldgate_control.builds (warehouse, build_id, tag, fingerprint, input_fingerprint, run_id, status, model_rows)
         VALUES ($1, $2, $3, $4, $5, $6, 'built', $7)
         ON CONFLICT (warehouse, tag) DO UPDATE SET fingerprint = $4, input_fingerprint = $5, status = 'built', model_rows = $7`,
        [
          ...[build.warehouse, build.buildId, build.tag, build.fingerprint],
          ...[build.inputFingerprint, build.runId, rows],
        ],
      )
    })
  }

  /** The tables of an attempt are gone from its warehouse. While the pointer names it, nothing is published there. */
  async recordLost(lease: Lease, attempt: Attempt): Promise<void> {
    await lease.write(this.database, async (client) => {
      await lockPointer(client, attempt.warehouse)
      await client.query(`UPDATE goldgate_control.builds SET status = 'dropped' WHERE warehouse = $1 AND tag = $2`, [
        attempt.warehouse,
        attempt.tag,
      ])
    })
  }

  /** The results of all checks. Whether the build may be published is settled with its parity. */
  async recordChecks(
    lease: Lease,
    attempt: Attempt,
    results: readonly CheckResult[],
    dataThrough: Readonly<Record<string, string>>,
  ): Promise<void> {
    await lease.write(this.database, async (client) => {
      await client.query('DELETE FROM goldgate_control.check_results WHERE warehouse = $1 AND tag = $2', [
        attempt.warehouse,
        attempt.tag,
      ])
      await insertCheckResults(client, attempt, results)
      await client.query('UPDATE goldgate_control.builds SET data_through = $3 WHERE warehouse = $1 AND tag = $2', [
        attempt.warehouse,
        attempt.tag,
        JSON.stringify(dataThrough),
      ])
    })
  }

  /** Those of `models` that an attempt was made with: a model that is newer than it has no table there. */
  async modelsOf<T extends { readonly name: string }>(attempt: Attempt, models: readonly T[]): Promise<readonly T[]> {
    const found = await this.database.query<{ rows: Readonly<Record<string, number>> }>(
      'SELECT model_rows AS rows FROM goldgate_control.builds WHERE warehouse = $1 AND tag = $2',
      [attempt.warehouse, attempt.tag],
    )
    const built = found[0]?.rows ?? {}
    return models.filter(({ name }) => name in built)
  }

  /** Whether the results of its checks are kept. */
  async isChecked(attempt: Attempt): Promise<boolean> {
    const found = await this.database.query<{ checked: boolean }>(
      'SELECT EXISTS (SELECT FROM goldgate_control.check_results WHERE warehouse = $1 AND tag = $2) AS checked',
      [attempt.warehouse, attempt.tag],
    )
    return found[0]?.checked === true
  }

  /** Names of the checks of severity error that an attempt failed. */
  async failedChecks(attempt: Attempt): Promise<readonly string[]> {
    const found = await this.database.query<{ name: string }>(
      `SELECT name FROM goldgate_control.check_results
       WHERE warehouse = $1 AND tag = $2 AND severity = 'error' AND status = 'failed' ORDER BY name COLLATE "C"`,
      [attempt.warehouse, attempt.tag],
    )
    return found.map((row) => row.name)
  }

  /**
   * Moves the pointer of a warehouse to an attempt that passed. False when the pointer is held at another build, so that this one waits;
   * held at this very build, it goes to the new attempt and stays held. Like `hold` and `release` it returns when no gateway answers from what was before.
   */
  async publish(lease: Lease, { warehouse, buildId, tag }: Attempt & BuildRef): Promise<boolean> {
    const moved = await lease.write(this.database, async (client) => {
      const pointer = await lockPointer(client, warehouse)
      if (pointer?.held && pointer.buildId !== buildId) return false
      const updated = await client.query(
        `UPDATE goldgate_control.published SET build_id = $2, tag = $4, fence = $3, ${sinceMovedTo('$4')}
         WHERE warehouse = $1 AND fence <= $3 AND EXISTS (
           SELECT FROM goldgate_control.builds WHERE warehouse = $1 AND tag = $4 AND status = 'passed')`,
        [warehouse, buildId, lease.token, tag],
      )
      if (updated.rowCount !== 1)
        throw new ControlError('FENCED', `The pointer of ${warehouse} was moved by a newer runner.`)
      await client.query(MARK_PUBLISHED, [warehouse, tag])
      return true
    })
    if (moved) await untilAcknowledged(this.database)
    return moved
  }

  /** Moves the pointer by hand and holds it there. Throws BUILD_UNKNOWN or BUILD_NOT_PUBLISHABLE. */
  async hold(warehouse: string, buildId: string): Promise<PublishedBuild> {
    await this.database.transaction(async (client) => {
      await lockPointer(client, warehouse)
      const build = await client.query<{ status: string; tag: string }>(
        `SELECT status, tag FROM goldgate_control.builds WHERE warehouse = $1 AND build_id = $2
         ORDER BY status = 'passed' DESC, built_at DESC, tag DESC LIMIT 1`,
        [warehouse, buildId],
      )
      const found = build.rows[0]
      if (found === undefined) throw unknownBuild(warehouse, buildId)
      const { status, tag } = found
      if (status !== 'passed') {
        const why =
          status === 'failed'
            ? 'it failed a check of severity error'
            : status === 'dropped'
              ? 'its tables were dropped'
              : 'its checks did not run'
        throw new ControlError(
          'BUILD_NOT_PUBLISHABLE',
          `Build ${buildId} of ${warehouse} cannot be published: ${why}. "goldgate status" lists the builds.`,
        )
      }
      await client.query(
        `UPDATE goldgate_control.published SET build_id = $2, tag = $3, held = true, ${sinceMovedTo('$3')},
           fence = GREATEST(fence, (SELECT token FROM goldgate_control.lease)) WHERE warehouse = $1`,
        [warehouse, buildId, tag],
      )
      await client.query(MARK_PUBLISHED, [warehouse, tag])
    })
    await untilAcknowledged(this.database)
    const now = (await this.published([warehouse])).get(warehouse)
    if (!now) throw unknownBuild(warehouse, buildId)
    return now
  }

  /** Lets the pointer follow again: moves it to the newest build that passed. Throws NOTHING_PUBLISHED. */
  async release(warehouse: string): Promise<PublishedBuild> {
    await this.database.transaction(async (client) => {
      await lockPointer(client, warehouse)
      const found = await client.query<{ buildId: string; tag: string }>(
        `SELECT build_id AS "buildId", tag FROM goldgate_control.builds
         WHERE warehouse = $1 AND status = 'passed' ORDER BY built_at DESC, tag DESC LIMIT 1`,
        [warehouse],
      )
      const newest = found.rows[0]
      if (newest === undefined) {
        throw new ControlError(
          'NOTHING_PUBLISHED',
          `${warehouse} has no published build to release. Run "goldgate run" first.`,
        )
      }
      await client.query(
        `UPDATE goldgate_control.published SET held = false, build_id = $2, tag = $3,
           ${sinceMovedTo('$3')} WHERE warehouse = $1`,
        [warehouse, newest.buildId, newest.tag],
      )
      await client.query(MARK_PUBLISHED, [warehouse, newest.tag])
    })
    await untilAcknowledged(this.database)
    const now = (await this.published([warehouse])).get(warehouse)
    if (!now) throw new ControlError('NOTHING_PUBLISHED', `${warehouse} has no published build.`)
    return now
  }

  /**
   * Marks as dropped what retention no longer keeps, and returns the tags that stay: the published build, the newest `keep` builds
   * that passed, the newest one that failed, one whose checks did not run yet, and whatever was published within `graceSeconds`
   * (a reader may still be in it).
   */
  async retain(lease: Lease, warehouse: string, keep: number, graceSeconds: number): Promise<ReadonlySet<string>> {
    return lease.write(this.database, async (client) => {
      await lockPointer(client, warehouse)
      await client.query(
        `WITH ranked AS (
           SELECT tag, row_number() OVER (PARTITION BY status ORDER BY built_at DESC, tag DESC) AS nth
           FROM goldgate_control.builds WHERE warehouse = $1)
         UPDATE goldgate_control.builds AS b SET status = 'dropped' FROM ranked AS r
         WHERE b.warehouse = $1 AND r.tag = b.tag AND b.status IN ('passed', 'failed')
           AND r.nth > CASE b.status WHEN 'passed' THEN $2 ELSE 1 END
           AND NOT EXISTS (SELECT FROM goldgate_control.published AS p WHERE p.warehouse = $1 AND p.tag = b.tag)
           AND (b.first_published_at IS NULL OR b.superseded_at < clock_timestamp() - make_interval(secs => $3))`,
        [warehouse, keep, graceSeconds],
      )
      const left = await client.query<{ tag: string }>(
        `SELECT tag FROM goldgate_control.builds WHERE warehouse = $1 AND status <> 'dropped'`,
        [warehouse],
      )
      return new Set(left.rows.map((row) => row.tag))
    })
  }
}

/**
 * Whoever moves a pointer, or drops what it might point to, locks it first and only then looks: a rollback by hand and a run may come at
 * the same moment. Returns where the pointer is, and whether it is held there.
 */
async function lockPointer(
  client: pg.PoolClient,
  warehouse: string,
): Promise<{ readonly held: boolean; readonly buildId: string | null } | undefined> {
  await client.query(
    'INSERT INTO goldgate_control.published (warehouse, fence) VALUES ($1, 0) ON CONFLICT DO NOTHING',
    [warehouse],
  )
  const pointer = await client.query<{ held: boolean; buildId: string | null }>(
    'SELECT held, build_id AS "buildId" FROM goldgate_control.published WHERE warehouse = $1 FOR UPDATE',
    [warehouse],
  )
  return pointer.rows[0]
}

/** The pointer names a build since it was moved there. */
const sinceMovedTo = (tag: '$3' | '$4') =>
  `published_at = CASE WHEN tag = ${tag} THEN published_at ELSE clock_timestamp() END`

/** Behind the pointer: the first time that it is moved to a build is when that is published first. */
const MARK_PUBLISHED = `
  UPDATE goldgate_control.builds SET
    first_published_at = CASE WHEN tag = $2
      THEN COALESCE(first_published_at, (SELECT published_at FROM goldgate_control.published WHERE warehouse = $1))
      ELSE first_published_at END,
    superseded_at = CASE WHEN tag = $2 THEN NULL ELSE COALESCE(superseded_at, clock_timestamp()) END
  WHERE warehouse = $1 AND (tag = $2 OR (superseded_at IS NULL AND first_published_at IS NOT NULL))`

function unknownBuild(warehouse: string, buildId: string): ControlError {
  return new ControlError('BUILD_UNKNOWN', `${warehouse} has no build ${buildId}. "goldgate status" lists the builds.`)
}
