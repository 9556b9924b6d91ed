import type { QueryResultRow } from 'pg'
import type { PublishedBuild } from '../../warehouses/contract/builds.js'

/** The rows of one statement in the control database, by whatever connection. */
export type Query = <R extends QueryResultRow>(sql: string, params?: readonly unknown[]) => Promise<R[]>

interface PublishedRow {
  warehouse: string
  buildId: string
  tag: string
  publishedAt: Date
  dataThrough: Record<string, string>
  newestStatus: string
  newestTag: string
  held: boolean
}

/** With the newest build that was tried beside it, which says whether the pinned one is stale and how the gate stands. */
const PUBLISHED = `
  SELECT b.warehouse, b.build_id AS "buildId", b.tag, b.data_through AS "dataThrough", newest.status AS "newestStatus",
         newest.tag AS "newestTag", COALESCE(p.published_at, b.first_published_at) AS "publishedAt", COALESCE(p.held, false) AS held
  FROM goldgate_control.builds AS b
  CROSS JOIN LATERAL (
    SELECT status, tag FROM goldgate_control.builds AS n
    WHERE n.warehouse = b.warehouse AND n.status IN ('passed', 'failed') ORDER BY n.built_at DESC, n.tag DESC LIMIT 1) AS newest
  LEFT JOIN goldgate_control.published AS p ON p.warehouse = b.warehouse AND p.tag = b.tag
  WHERE b.status = 'passed'`

/** What the pointers of these warehouses name, or all pointers. */
export async function readPublished(
  query: Query,
  warehouses?: readonly string[],
): Promise<ReadonlyMap<string, PublishedBuild>> {
  const found = await query<PublishedRow>(
    `${PUBLISHED} AND ($1::text[] IS NULL OR b.warehouse = ANY($1)) AND p.tag IS NOT NULL`,
    [warehouses ?? null],
  )
  return new Map(found.map((row) => [row.warehouse, publishedBuild(row)]))
}

/** The newest attempt at a build that was published once and is kept. */
export async function readRetained(
  query: Query,
  warehouse: string,
  buildId: string,
): Promise<PublishedBuild | undefined> {
  const found = await query<PublishedRow>(
    `${PUBLISHED} AND b.warehouse = $1 AND b.build_id = $2 AND b.first_published_at IS NOT NULL
     ORDER BY b.built_at DESC, b.tag DESC LIMIT 1`,
    [warehouse, buildId],
  )
  return found[0] && publishedBuild(found[0])
}

function publishedBuild(row: PublishedRow): PublishedBuild {
  return {
    warehouse: row.warehouse,
    buildId: row.buildId,
    tag: row.tag,
    publishedAt: row.publishedAt.toISOString(),
    dataThrough: row.dataThrough,
    gate: row.newestStatus === 'failed' ? 'failed' : 'passed',
    stale: row.newestTag !== row.tag,
    held: row.held,
  }
}
