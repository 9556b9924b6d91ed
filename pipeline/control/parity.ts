import type { ClientBase } from 'pg'
import type { Severity } from '../../models/types.js'
import type { Gate } from '../../warehouses/contract/builds.js'
import type { ModelDigest } from '../../warehouses/contract/parity.js'
import type { CheckResult } from '../quality/check.js'
import { differingFigures, figureOf } from '../quality/compare-digests.js'
import type { Attempt, BuildRecord } from './builds.js'
import { insertCheckResults } from './check-results.js'
import type { ControlDatabase } from './database.js'
import type { Lease } from './lease.js'

export interface ParityRules {
  /** `error`: of two warehouses that differ, the one that finished later is not published. */
  readonly severity: Severity
  /** Warehouses to compare with; one that is no longer configured is nobody's measure. */
  readonly among: readonly string[]
}

export interface Digested extends Attempt {
  readonly buildId: string
  readonly status: 'built' | 'passed' | 'failed'
  readonly digests: readonly ModelDigest[]
}

export type Undigested = Pick<Digested, 'warehouse' | 'tag' | 'buildId' | 'status'>

/** Any constant will do: whoever settles a build takes the same lock, so that of two at once the later sees the earlier. */
const SETTLE_LOCK = 7_201_144_302

/** Digests of builds, and what comes of comparing them. */
export class ParityLog {
  constructor(private readonly database: ControlDatabase) {}

  /**
   * Keeps the digests of an attempt whose checks have run, compares them with those of all other warehouses that hold the same build and
   * passed, and settles whether it may be published. One transaction: nobody reads a build that is not settled.
   */
  async settle(
    lease: Lease,
    attempt: Attempt & Pick<BuildRecord, 'buildId'>,
    digests: readonly ModelDigest[],
    { severity, among }: ParityRules,
  ): Promise<Gate> {
    const { warehouse, tag, buildId } = attempt
    return lease.write(this.database, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SETTLE_LOCK])
      await replaceDigests(client, attempt, digests)
      const others = (await digested(client, buildId)).filter(
        (other) => other.warehouse !== warehouse && other.status === 'passed' && among.includes(other.warehouse),
      )
      await client.query(
        `DELETE FROM goldgate_control.check_results WHERE warehouse = $1 AND tag = $2 AND starts_with(name, 'parity.')`,
        [warehouse, tag],
      )
      await insertCheckResults(client, attempt, compared(digests, others, severity))
      const settled = await client.query<{ status: Gate }>(
        `UPDATE goldgate_control.builds AS b SET status = CASE WHEN EXISTS (
           SELECT FROM goldgate_control.check_results AS c
           WHERE c.warehouse = b.warehouse AND c.tag = b.tag AND c.severity = 'error' AND c.status = 'failed')
         THEN 'failed' ELSE 'passed' END
         WHERE warehouse = $1 AND tag = $2 RETURNING status`,
        [warehouse, tag],
      )
      const gate = settled.rows[0]?.status
      if (gate === undefined) throw new Error(`${warehouse} has no build ${tag} to settle`)
      return gate
    })
  }

  /** Digests of an attempt that was settled without, since there was nothing to compare it with. */
  keep(lease: Lease, attempt: Attempt, digests: readonly ModelDigest[]): Promise<void> {
    return lease.write(this.database, (client) => replaceDigests(client, attempt, digests))
  }

  /** The newest attempt at a build in each of these warehouses, where it is settled and nobody took its digests. */
  undigested(buildId: string, warehouses: readonly string[]): Promise<readonly Undigested[]> {
    return this.database.query<Undigested>(
      `SELECT * FROM (
         SELECT DISTINCT ON (warehouse) warehouse, tag, build_id AS "buildId", status FROM goldgate_control.builds
         WHERE build_id = $1 AND warehouse = ANY($2) AND status <> 'dropped'
         ORDER BY warehouse, built_at DESC, tag DESC) AS b
       WHERE status <> 'built'
         AND NOT EXISTS (SELECT FROM goldgate_control.digests AS d WHERE d.warehouse = b.warehouse AND d.tag = b.tag)`,
      [buildId, warehouses],
    )
  }

  /** What each warehouse has of a build, by its newest attempt that was not dropped. */
  of(buildId: string): Promise<readonly Digested[]> {
    return this.database.transaction((client) => digested(client, buildId))
  }

  /** The build that was settled last in any of these warehouses. */
  async newestBuild(warehouses: readonly string[]): Promise<string | undefined> {
    const found = await this.database.query<{ buildId: string }>(
      `SELECT build_id AS "buildId" FROM goldgate_control.builds
       WHERE status IN ('passed', 'failed') AND warehouse = ANY($1)
       ORDER BY built_at DESC, build_id DESC LIMIT 1`,
      [warehouses],
    )
    return found[0]?.buildId
  }
}

async function replaceDigests(
  client: ClientBase,
  { warehouse, tag }: Attempt,
  digests: readonly ModelDigest[],
): Promise<void> {
  await client.query('DELETE FROM goldgate_control.digests WHERE warehouse = $1 AND tag = $2', [warehouse, tag])
  for (const { model, rows, sums, checksum } of digests) {
    await client.query('INSERT INTO goldgate_control.digests VALUES ($1, $2, $3, $4, $5, $6)', [
      ...[warehouse, tag, model, rows, JSON.stringify(sums), checksum],
    ])
  }
}

async function digested(client: Pick<ClientBase, 'query'>, buildId: string): Promise<Digested[]> {
  const found = await client.query<Attempt & { status: Digested['status']; digests: StoredDigest[] }>(
    `SELECT DISTINCT ON (b.warehouse) b.warehouse, b.tag, b.status, (
       SELECT json_agg(json_build_object('model', d.model, 'rows', d.row_count::text, 'sums', d.sums, 'checksum', d.checksum::text))
       FROM goldgate_control.digests AS d WHERE d.warehouse = b.warehouse AND d.tag = b.tag) AS digests
     FROM goldgate_control.builds AS b
     WHERE b.build_id = $1 AND b.status <> 'dropped'
       AND EXISTS (SELECT FROM goldgate_control.digests AS d WHERE d.warehouse = b.warehouse AND d.tag = b.tag)
     ORDER BY b.warehouse, b.built_at DESC, b.tag DESC`,
    [buildId],
  )
  return found.rows.map(({ warehouse, tag, status, digests }) => ({
    ...{ warehouse, tag, buildId, status },
    digests: digests.map((each) => ({ ...each, rows: BigInt(each.rows) })),
  }))
}

type StoredDigest = Omit<ModelDigest, 'rows'> & { readonly rows: string }

/** One result for each model that another warehouse has too; a violation for each of those that differ. */
function compared(digests: readonly ModelDigest[], others: readonly Digested[], severity: Severity): CheckResult[] {
  return digests.flatMap((digest): CheckResult[] => {
    const counterparts = others.flatMap(({ warehouse, digests: theirs }) =>
      theirs.filter(({ model }) => model === digest.model).map((other) => ({ warehouse, other })),
    )
    if (counterparts.length === 0) return []
    const differing = counterparts.flatMap(({ warehouse, other }) => {
      const names = differingFigures(digest, other)
      if (names.length === 0) return []
      const figures = names.map((name) => `${name} ${figureOf(digest, name)}, there ${figureOf(other, name)}`)
      return [`unlike ${warehouse}: ${figures.join('; ')}`]
    })
    return [
      {
        ...{ name: `parity.${digest.model}`, severity },
        status: differing.length === 0 ? 'passed' : 'failed',
        violations: BigInt(differing.length),
        sample: differing.join(' | '),
      },
    ]
  })
}
