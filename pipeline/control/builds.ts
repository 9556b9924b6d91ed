import type pg from 'pg'
import type { BuildCatalog, BuildRef, Gate, PublishedBuild } from '../../warehouses/contract/builds.js'
import type { CheckResult } from '../quality/run-checks.js'
import type { ControlDatabase } from './database.js'
import { ControlError } from './errors.js'
import type { Lease } from './lease.js'

export interface BuildRecord extends BuildRef {
  readonly warehouse: string
  readonly fingerprint: string
  readonly status: 'built' | 'passed' | 'failed' | 'dropped'
}

interface PublishedRow {
  warehouse: string
  buildId: string
  tag: string
  publishedAt: Date
  dataThrough: Record<string, string>
  newestStatus: string
  newestBuildId: string
  held: boolean
}

/** With the newest build that was tried beside it, which says whether the pinned one is stale and how the gate stands. */
const PUBLISHED = `
  SELECT b.warehouse, b.build_id AS "buildId", b.tag, b.data_through AS "dataThrough", newest.status AS "newestStatus",
         newest.build_id AS "newestBuildId", COALESCE(p.published_at, b.first_published_at) AS "publishedAt", COALESCE(p.held, false) AS held
  FROM goldgate_control.builds AS b
  CROSS JOIN LATERAL (
    SELECT status, build_id FROM goldgate_control.builds AS n
    WHERE n.warehouse = b.warehouse AND n.status IN ('passed', 'failed') ORDER BY n.built_at DESC, n.build_id DESC LIMIT 1) AS newest
  LEFT JOIN goldgate_control.published AS p ON p.warehouse = b.warehouse AND p.build_id = b.build_id`

/** Builds, their checks and the pointers. */
export class BuildLog implements BuildCatalog {
  constructor(private readonly database: ControlDatabase) {}

  async published(warehouses: readonly string[]): Promise<ReadonlyMap<string, PublishedBuild>> {
    const found = await this.database.query<PublishedRow>(
      `${PUBLISHED} WHERE b.warehouse = ANY($1) AND p.build_id IS NOT NULL`,
      [warehouses],
    )
    return new Map(found.map((row) => [row.warehouse, publishedBuild(row)]))
  }

  async retained(warehouse: string, buildId: string): Promise<PublishedBuild | undefined> {
    const found = await this.database.query<PublishedRow>(
      `${PUBLISHED} WHERE b.warehouse = $1 AND b.build_id = $2 AND b.status = 'passed' AND b.first_published_at IS NOT NULL`,
      [warehouse, buildId],
    )
    return found[0] && publishedBuild(found[0])
  }

  /** The newest build of a warehouse that was tried. */
  async newest(warehouse: string): Promise<BuildRecord | undefined> {
    const found = await this.database.query<BuildRecord>(
      `SELECT warehouse, build_id AS "buildId", tag, fingerprint, status FROM goldgate_control.builds
       WHERE warehouse = $1 AND status <> 'dropped' ORDER BY built_at DESC, build_id DESC LIMIT 1`,
      [warehouse],
    )
    return found[0]
  }

  /** The tables of the build are whole. */
  async recordBuilt(
    lease: Lease,
    build: Omit<BuildRecord, 'status'>,
    modelRows: Readonly<Record<string, bigint>>,
  ): Promise<void> {
    const rows = JSON.stringify(modelRows, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))
    await lease.write(this.database, (client) =>
      client.query(
        `INSERT INTO goldgate_control.builds (warehouse, build_id, tag, fingerprint, status, model_rows) VALUES ($1, $2, $3, $4, 'built', $5)
         ON CONFLICT (warehouse, build_id) DO UPDATE SET tag = $3, fingerprint = $4, status = 'built', model_rows = $5`,
        [build.warehouse, build.buildId, build.tag, build.fingerprint, rows],
      ),
    )
  }

  /** The results of all checks, and with them whether the build may be published. */
  async recordChecks(
    lease: Lease,
    warehouse: string,
    buildId: string,
    results: readonly CheckResult[],
    dataThrough: Readonly<Record<string, string>>,
  ): Promise<Gate> {
    const gate: Gate = results.some((r) => r.severity === 'error' && r.status === 'failed') ? 'failed' : 'passed'
    await lease.write(this.database, async (client) => {
      await client.query('DELETE FROM goldgate_control.check_results WHERE warehouse = $1 AND build_id = $2', [
        warehouse,
        buildId,
      ])
      await client.query(
        `INSERT INTO goldgate_control.check_results (warehouse, build_id, name, severity, status, violations, sample)
         SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])`,
        [
          warehouse,
          buildId,
          results.map((r) => r.name),
          results.map((r) => r.severity),
          results.map((r) => r.status),
          results.map((r) => r.violations),
          results.map((r) => r.sample),
        ],
      )
      await client.query(
        'UPDATE goldgate_control.builds SET status = $3, data_through = $4 WHERE warehouse = $1 AND build_id = $2',
        [warehouse, buildId, gate, JSON.stringify(dataThrough)],
      )
    })
    return gate
  }

  /** Names of the checks of severity error that a build failed. */
  async failedChecks(warehouse: string, buildId: string): Promise<readonly string[]> {
    const found = await this.database.query<{ name: string }>(
      `SELECT name FROM goldgate_control.check_results
       WHERE warehouse = $1 AND build_id = $2 AND severity = 'error' AND status = 'failed' ORDER BY name COLLATE "C"`,
      [warehouse, buildId],
    )
    return found.map((row) => row.name)
  }

  /** Moves the pointer of a warehouse to a build that passed. False when the pointer is held, so that the build waits. */
  async publish(lease: Lease, warehouse: string, buildId: string): Promise<boolean> {
    return lease.write(this.database, async (client) => {
      if (await lockPointer(client, warehouse)) return false
      const moved = await client.query(
        `UPDATE goldgate_control.published SET build_id = $2, fence = $3, published_at = clock_timestamp()
         WHERE warehouse = $1 AND fence <= $3 AND EXISTS (
           SELECT FROM goldgate_control.builds WHERE warehouse = $1 AND build_id = $2 AND status = 'passed')`,
        [warehouse, buildId, lease.token],
      )
      if (moved.rowCount !== 1)
        throw new ControlError('FENCED', `The pointer of ${warehouse} was moved by a newer runner.`)
      await client.query(MARK_PUBLISHED, [warehouse, buildId])
      return true
    })
  }

  /** Moves the pointer by hand and holds it there. Throws BUILD_UNKNOWN or BUILD_NOT_PUBLISHABLE. */
  async hold(warehouse: string, buildId: string): Promise<PublishedBuild> {
    await this.database.transaction(async (client) => {
      await lockPointer(client, warehouse)
      const build = await client.query<{ status: string }>(
        'SELECT status FROM goldgate_control.builds WHERE warehouse = $1 AND build_id = $2',
        [warehouse, buildId],
      )
      const status = build.rows[0]?.status
      if (status === undefined) throw unknownBuild(warehouse, buildId)
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
        `UPDATE goldgate_control.published SET build_id = $2, held = true, published_at = clock_timestamp(),
           fence = GREATEST(fence, (SELECT token FROM goldgate_control.lease)) WHERE warehouse = $1`,
        [warehouse, buildId],
      )
      await client.query(MARK_PUBLISHED, [warehouse, buildId])
    })
    const now = (await this.published([warehouse])).get(warehouse)
    if (!now) throw unknownBuild(warehouse, buildId)
    return now
  }

  /** Lets the pointer follow again: moves it to the newest build that passed. Throws NOTHING_PUBLISHED. */
  async release(warehouse: string): Promise<PublishedBuild> {
    await this.database.transaction(async (client) => {
      await lockPointer(client, warehouse)
      const newest = await client.query<{ build_id: string }>(
        `SELECT build_id FROM goldgate_control.builds WHERE warehouse = $1 AND status = 'passed' ORDER BY built_at DESC, build_id DESC LIMIT 1`,
        [warehouse],
      )
      const buildId = newest.rows[0]?.build_id
      if (buildId === undefined) {
        throw new ControlError(
          'NOTHING_PUBLISHED',
          `${warehouse} has no published build to release. Run "goldgate run" first.`,
        )
      }
      await client.query(
        `UPDATE goldgate_control.published SET held = false, build_id = $2,
           published_at = CASE WHEN build_id = $2 THEN published_at ELSE clock_timestamp() END WHERE warehouse = $1`,
        [warehouse, buildId],
      )
      await client.query(MARK_PUBLISHED, [warehouse, buildId])
    })
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
           SELECT build_id, row_number() OVER (PARTITION BY status ORDER BY built_at DESC, build_id DESC) AS nth
           FROM goldgate_control.builds WHERE warehouse = $1)
         UPDATE goldgate_control.builds AS b SET status = 'dropped' FROM ranked AS r
         WHERE b.warehouse = $1 AND r.build_id = b.build_id AND b.status IN ('passed', 'failed')
           AND r.nth > CASE b.status WHEN 'passed' THEN $2 ELSE 1 END
           AND NOT EXISTS (SELECT FROM goldgate_control.published AS p WHERE p.warehouse = $1 AND p.build_id = b.build_id)
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
 * the same moment. Returns whether the pointer is held.
 */
async function lockPointer(client: pg.PoolClient, warehouse: string): Promise<boolean> {
  await client.query(
    'INSERT INTO goldgate_control.published (warehouse, fence) VALUES ($1, 0) ON CONFLICT DO NOTHING',
    [warehouse],
  )
  const pointer = await client.query<{ held: boolean }>(
    'SELECT held FROM goldgate_control.published WHERE warehouse = $1 FOR UPDATE',
    [warehouse],
  )
  return pointer.rows[0]?.held === true
}

const MARK_PUBLISHED = `
  UPDATE goldgate_control.builds SET
    first_published_at = CASE WHEN build_id = $2 THEN COALESCE(first_published_at, clock_timestamp()) ELSE first_published_at END,
    superseded_at = CASE WHEN build_id = $2 THEN NULL ELSE COALESCE(superseded_at, clock_timestamp()) END
  WHERE warehouse = $1 AND (build_id = $2 OR (superseded_at IS NULL AND first_published_at IS NOT NULL))`

function publishedBuild(row: PublishedRow): PublishedBuild {
  return {
    warehouse: row.warehouse,
    buildId: row.buildId,
    tag: row.tag,
    publishedAt: row.publishedAt.toISOString(),
    dataThrough: row.dataThrough,
    gate: row.newestStatus === 'failed' ? 'failed' : 'passed',
    stale: row.newestBuildId !== row.buildId,
    held: row.held,
  }
}

function unknownBuild(warehouse: string, buildId: string): ControlError {
  return new ControlError('BUILD_UNKNOWN', `${warehouse} has no build ${buildId}. "goldgate status" lists the builds.`)
}
