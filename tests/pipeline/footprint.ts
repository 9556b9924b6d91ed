import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { TestInstallation } from '../setup/installation.js'

/** Everything that a write would change: rows written and files of every table in Postgres, the files of DuckDB and of the store. */
export async function footprint(installation: TestInstallation): Promise<Record<string, string>> {
  const home = join(installation.folder, 'home')
  return {
    ...(await tables(installation.env.TEST_WAREHOUSE_URL ?? '')),
    ...(await files(join(home, 'warehouses'))),
    ...(await files(join(home, 'store'))),
  }
}

async function tables(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // A session counts what it wrote when it ends, and may end a moment after its client has.
    const others = 'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
    while ((await client.query(others)).rowCount !== 0) await client.query('SELECT pg_sleep(0.01)')
    const { rows } = await client.query<{ name: string; state: string }>(
      `SELECT c.oid::regclass::text AS name, concat_ws(' ', c.oid, c.relkind, pg_relation_filenode(c.oid),
         s.n_tup_ins, s.n_tup_upd, s.n_tup_del) AS state
       FROM pg_class AS c LEFT JOIN pg_stat_all_tables AS s ON s.relid = c.oid
       WHERE c.relnamespace::regnamespace::text NOT LIKE 'pg\\_%' AND c.relnamespace::regnamespace::text <> 'information_schema'`,
    )
    return Object.fromEntries(rows.map((row) => [row.name, row.state]))
  } finally {
    await client.end()
  }
}

async function files(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true })
  const found = await Promise.all(
    names.map(async (name) => {
      const { size, ino, mtimeNs } = await stat(join(folder, name), { bigint: true })
      return [join(folder, name), [size, ino, mtimeNs].join(' ')] as const
    }),
  )
  return Object.fromEntries(found)
}
