import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { type MockInstance, vi } from 'vitest'

/** What an engine itself wrote down of the statements it ran, white space as one blank. */
export interface StatementLog {
  read(): Promise<string>
  close(): Promise<void>
}

/** PostgreSQL's own log, from now on, with all statements of sessions that this database begins from now on. */
export async function logPostgres(url: string): Promise<StatementLog> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const database = client.escapeIdentifier(new URL(url).pathname.slice(1))
  await client.query(`ALTER DATABASE ${database} SET log_statement = 'all'`)
  // pg_ctl writes it beside the folder with the data.
  const file = `current_setting('data_directory') || '/../server.log'`
  const { rows } = await client.query<{ size: string }>(`SELECT size FROM pg_stat_file(${file})`)
  const start = rows[0]?.size
  return {
    read: async () => {
      const read = await client.query<{ log: Buffer }>(
        `SELECT pg_read_binary_file(${file}, $1::bigint, (SELECT size FROM pg_stat_file(${file})) - $1::bigint) AS log`,
        [start],
      )
      return squeeze(read.rows[0]?.log.toString('utf8') ?? '')
    },
    close: async () => {
      await client.query(`ALTER DATABASE ${database} RESET log_statement`)
      await client.end()
    },
  }
}

/** The query logs of every DuckDB instance that this process opens on a file from now on; those in memory only read. */
export async function logDuckDb(): Promise<StatementLog> {
  const folder = await mkdtemp(join(tmpdir(), 'goldgate duckdb log '))
  let opened = 0
  const create = DuckDBInstance.create.bind(DuckDBInstance)
  const spy: MockInstance = vi.spyOn(DuckDBInstance, 'create').mockImplementation(async (path, options) => {
    const instance = await create(path, options)
    if (path === ':memory:') return instance
    const connection = await instance.connect()
    opened += 1
    const log = join(folder, String(opened)).replaceAll("'", "''")
    await connection.run(`CALL enable_logging('QueryLog', storage = 'file', storage_path = '${log}')`)
    connection.closeSync()
    return instance
  })
  return {
    read: async () => {
      const logs = await Promise.all(
        (await readdir(folder)).map((name) => readFile(join(folder, name, 'duckdb_log_entries.csv'), 'utf8')),
      )
      // The log is CSV: quotes of a statement are doubled there.
      return squeeze(logs.join('\n').replaceAll('""', '"'))
    },
    close: async () => {
      spy.mockRestore()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const squeeze = (text: string): string => text.replace(/\s+/g, ' ')
