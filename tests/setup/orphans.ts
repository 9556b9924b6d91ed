import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { objectStoreKindOf } from '../../pipeline/bronze/stores/registry.js'
import type { TestInstallation } from './installation.js'

/** What lies in stores and warehouses that the control database does not name: nothing, after a run that ended. */
export async function findOrphans(installation: TestInstallation): Promise<string[]> {
  const control = new pg.Client({ connectionString: installation.env.TEST_CONTROL_URL })
  const warehouse = new pg.Client({ connectionString: installation.env.TEST_WAREHOUSE_URL })
  await control.connect()
  await warehouse.connect()
  try {
    const column = async (client: pg.Client, sql: string) =>
      (await client.query<{ v: string }>(sql)).rows.map((row) => row.v)
    const tags = (name: string) =>
      column(
        control,
        `SELECT tag AS v FROM goldgate_control.builds WHERE status <> 'dropped' AND warehouse = '${name}'`,
      )
    const postgresTags = await tags('postgres')
    const tables = await column(
      warehouse,
      `SELECT schemaname || '.' || tablename AS v FROM pg_tables WHERE schemaname IN ('gold_builds', 'landing')`,
    )
    const home = join(installation.folder, 'home')
    const builds: string[] = []
    for (const { name } of installation.config.warehouses.filter(({ kind }) => kind === 'duckdb')) {
      const known = await tags(name)
      const files = await readdir(join(home, 'warehouses', name, 'builds')).catch(() => [])
      builds.push(...files.filter((file) => !known.includes(file.replace(/\.duckdb$/, ''))))
    }
    const work = await readdir(join(home, 'work')).catch(() => [])
    const named = new Set([
      ...(await column(control, 'SELECT manifest_key AS v FROM goldgate_control.manifests')),
      ...(await column(control, 'SELECT object_key AS v FROM goldgate_control.batches')),
      ...(await column(control, 'SELECT quarantine_key AS v FROM goldgate_control.batches')),
    ])
    const delivered = await column(control, 'SELECT run_id AS v FROM goldgate_control.deliveries')
    const objects: string[] = []
    for (const { name, kind, options } of installation.config.stores) {
      const store = await objectStoreKindOf(kind).open(name, options)
      for await (const { key } of store.list('')) {
        const isBronze = key.startsWith('bronze/') && delivered.some((runId) => key.includes(`/run_id=${runId}/`))
        if (!isBronze && !named.has(key)) objects.push(`${name} ${key}`)
      }
    }
    return [
      ...tables.filter(
        (table) => !postgresTags.some((tag) => table.startsWith('gold_builds.') && table.endsWith(`__${tag}`)),
      ),
      ...builds,
      ...work,
      ...objects,
    ]
  } finally {
    await control.end()
    await warehouse.end()
  }
}
