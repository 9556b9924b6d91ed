import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import type { EmbeddedPostgres } from '../src/embedded-postgres/server.js'
import type { BuildRef } from '../warehouses/contract/builds.js'
import type { Workspace } from './workspace.js'

/** What each engine answers from, for whoever asks it by hand. */
export interface Published {
  readonly postgres: BuildRef
  readonly duckdb: BuildRef
  /** Attached read-only under its tag. */
  readonly connection: DuckDBConnection
}

/** The published builds of a workspace with both warehouses. Whoever opens them closes the connection. */
export async function openPublished(server: EmbeddedPostgres, { folder }: Workspace): Promise<Published> {
  const control = new pg.Client({ connectionString: server.url('goldgate') })
  await control.connect()
  const { rows } = await control.query<BuildRef>(
    'SELECT build_id AS "buildId", tag FROM goldgate_control.published ORDER BY warehouse DESC',
  )
  await control.end()
  const [postgres, duckdb] = rows
  if (!postgres || !duckdb) throw new Error('Nothing was published')
  const connection = await (await DuckDBInstance.create()).connect()
  const file = join(folder, 'home', 'warehouses', 'duckdb', 'builds', `${duckdb.tag}.duckdb`)
  await connection.run(`ATTACH '${file}' AS "${duckdb.tag}" (READ_ONLY)`)
  return { postgres, duckdb, connection }
}
