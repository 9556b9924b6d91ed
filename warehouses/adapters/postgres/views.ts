import type pg from 'pg'
import type { GoldModel } from '../../../models/types.js'
import type { BuildRef } from '../../contract/builds.js'
import { postgresDialect as dialect } from './dialect.js'

/**
 * Points the views `gold.<model>` at a build, inside the caller's transaction. Fails with 55P03 when it waits longer for a lock than `patienceMs`. That
 * should be less than Postgres takes to look for a deadlock (1 s), so that of two that wait for each other this one gives up, and never somebody's query.
 */
export async function replaceViews(
  client: pg.Client,
  build: BuildRef,
  models: readonly GoldModel[],
  patienceMs: number,
): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = ${patienceMs}`)
  const sorted = [...models].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const model of sorted) {
    const view = `gold.${dialect.quote(model.name)}`
    const create = `VIEW ${view} AS SELECT * FROM ${dialect.goldTable(build, model.name)}`
    await client.query('SAVEPOINT before_view')
    try {
      await client.query(`CREATE OR REPLACE ${create}`)
    } catch (error) {
      if (!columnsChanged(error)) throw error
      await client.query(`ROLLBACK TO SAVEPOINT before_view; DROP VIEW ${view} CASCADE; CREATE ${create}`)
    }
  }
}

/** OR REPLACE can only append columns. CASCADE: what others made upon the view could not outlive the build that it shows either. */
const columnsChanged = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '42P16'
