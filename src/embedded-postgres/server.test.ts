import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withClient } from './client.js'
import { EmbeddedPostgres } from './server.js'
import { ServerUsers } from './users.js'

let home: string
let server: EmbeddedPostgres | undefined

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'goldgate embedded '))
  // As root, so that PostgreSQL's own account can enter and its data lie in here.
  await chmod(home, 0o711)
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(home, { recursive: true, force: true })
})

async function open(): Promise<EmbeddedPostgres> {
  server = await EmbeddedPostgres.open(home)
  return server
}
async function restart(between: () => Promise<unknown>): Promise<EmbeddedPostgres> {
  await server?.close()
  server = undefined
  await between()
  return open()
}
const state = (...path: string[]) => join(home, 'postgres', ...path)
const one = async (url: string, sql: string): Promise<unknown> =>
  withClient(url, async (client) => Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0])

describe('the files of the embedded server', () => {
  test('whose passwords were deleted get new ones, for both users, and their data stay', async () => {
    await one(await (await open()).database('warehouse', true), 'CREATE TABLE kept AS SELECT 7 AS n')
    const before = await readFile(state('url'), 'utf8')
    const again = await restart(() => rm(state('connection.json')))
    expect(await one(again.url('warehouse'), 'SELECT n FROM kept')).toBe(7)
    const after = await readFile(state('url'), 'utf8')
    expect(after).not.toBe(before)
    expect(await one(after, 'SELECT n FROM kept')).toBe(7)
  })

  test('whose passwords were deleted while it runs say what to do', async () => {
    const first = await open()
    await rm(state('connection.json'))
    await expect(EmbeddedPostgres.open(home)).rejects.toMatchObject({
      code: 'POSTGRES_PASSWORDS_LOST',
      message: expect.stringMatching(/connection\.json is missing .* kill -INT \d+/),
    })
    expect(await one(first.url('postgres'), 'SELECT 1')).toBe(1)
  })

  test.each(['', '{"port":', '{"port":"x"}'])(
    'whose passwords are %j name the file and what to do',
    async (content) => {
      await writeConnectionFile(content)
      await expect(open()).rejects.toMatchObject({
        code: 'POSTGRES_FILES_DAMAGED',
        message: expect.stringMatching(/postgres\/connection\.json is damaged\. Delete it/),
      })
    },
  )

  test('that lack PG_VERSION are not taken for none', async () => {
    await open()
    await server?.close()
    server = undefined
    await rm(state('cluster', 'data', 'PG_VERSION'))
    await expect(open()).rejects.toMatchObject({
      code: 'POSTGRES_FILES_DAMAGED',
      message: expect.stringMatching(/cluster\/data holds files, but no PG_VERSION/),
    })
  })
})

async function writeConnectionFile(content: string): Promise<void> {
  await open()
  await server?.close()
  server = undefined
  await writeFile(state('connection.json'), content)
}

describe('a server that was killed', () => {
  const logged: unknown[] = []
  const log = { warn: (message: string) => logged.push(message), error: (message: string) => logged.push(message) }
  const kill = async () =>
    process.kill(Number((await readFile(state('cluster', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]), 'SIGKILL')

  /** Asks until it is answered. */
  async function answer(url: string, sql: string, forMs = 30_000): Promise<unknown> {
    for (const until = Date.now() + forMs; ; await pause(100)) {
      const failed = (error: unknown) => {
        if (Date.now() > until) throw error
        return undefined
      }
      const found = await one(url, sql).catch(failed)
      if (found !== undefined) return found
    }
  }

  test('is started again by who uses it, at the same address, with what was committed', async () => {
    logged.length = 0
    server = await EmbeddedPostgres.open(home, log)
    const url = await server.database('warehouse', true)
    await one(url, 'CREATE TABLE kept AS SELECT 7 AS n')
    for (const times of [1, 2]) {
      await kill()
      expect(await answer(url, 'SELECT n FROM kept')).toBe(7)
      await vi.waitFor(() => expect(logged).toHaveLength(times), 5_000)
    }
    expect(logged[0]).toMatch(/started again/)
  })

  test('and cannot be started is given up after some attempts, and said to be gone', async () => {
    logged.length = 0
    server = await EmbeddedPostgres.open(home, log)
    await writeFile(state('cluster', 'data', 'postgresql.conf'), 'nonsense')
    await kill()
    await vi.waitFor(() => expect(logged.at(-1)).toMatch(/not started any more/), 100_000)
    expect(logged).toHaveLength(6)
  }, 120_000)

  test('is no failure for who wants to stop it', async () => {
    const opened = await open()
    await kill()
    await opened.close()
    server = undefined
  })
})

describe('a disk that takes nothing more', () => {
  /** Every write to a file fails, as on a full disk: EFBIG in place of ENOSPC. */
  const limitFiles = (bytes: '0' | 'unlimited') =>
    promisify(execFile)('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

  test.runIf(process.platform === 'linux')('keeps the server neither running nor locked', async () => {
    const url = (await open()).url('postgres')
    await limitFiles('0')
    try {
      await expect(new ServerUsers(state()).exclusively(async () => undefined)).rejects.toMatchObject({ code: 'EFBIG' })
      expect(await readdir(state())).not.toContain('lock')
      await server?.close()
      server = undefined
    } finally {
      await limitFiles('unlimited')
    }
    await expect(one(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await one((await open()).url('postgres'), 'SELECT 1')).toBe(1)
  })
})

describe('the user for people', () => {
  /** What a person can do who has the URL and knows how to leave its read-only mode. */
  async function attempt(sql: string, url?: string): Promise<string | undefined> {
    const readerUrl = url ?? (await readFile(state('url'), 'utf8'))
    return withClient(readerUrl, async (client) => {
      await client.query('SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE')
      await client.query(sql)
      return undefined
    }).catch((error: unknown) => (error instanceof pg.DatabaseError ? error.code : String(error)))
  }

  test('reads tables of schemas that are made later, and changes nothing', async () => {
    const url = await (await open()).database('warehouse', true)
    await withClient(url, (client) =>
      client.query(`CREATE SCHEMA gold_builds; CREATE TABLE gold_builds.t AS SELECT 7 AS n;
        CREATE SCHEMA gold; CREATE VIEW gold.v AS SELECT n FROM gold_builds.t`),
    )
    expect(await attempt('SELECT n FROM v')).toBeUndefined()
    expect(await attempt('SELECT n FROM gold_builds.t')).toBeUndefined()
    const forbidden = '42501'
    for (const sql of [
      'DELETE FROM gold_builds.t',
      'CREATE TABLE gold.mine (n int)',
      'CREATE TABLE public.mine (n int)',
      'CREATE TEMP TABLE mine (n int)',
      'CREATE SCHEMA mine',
      'SELECT lo_create(0)',
      'SELECT lo_creat(0)',
      `SELECT lo_from_bytea(0, 'x')`,
      `SELECT lo_import('/etc/passwd')`,
      'SELECT rolpassword FROM pg_authid',
      `SELECT pg_read_file('postgresql.conf')`,
      'ALTER TABLE gold_builds.t OWNER TO goldgate_reader',
      `ALTER ROLE goldgate PASSWORD 'mine'`,
    ])
      expect([sql, await attempt(sql)]).toEqual([sql, forbidden])
  })

  test('reads also what an older Goldgate made, and is let in to nothing else', async () => {
    const opened = await open()
    const url = await opened.database('warehouse')
    await opened.database('goldgate')
    await withClient(url, (client) => client.query('CREATE SCHEMA gold; CREATE TABLE gold.t AS SELECT 7 AS n'))
    await one(opened.url('postgres'), 'GRANT pg_read_all_data TO goldgate_reader')
    const again = await restart(async () => undefined)
    await again.database('warehouse', true)
    const reader = await readFile(state('url'), 'utf8')
    expect(await one(reader, 'SELECT n FROM t')).toBe(7)
    expect(await attempt('SELECT rolpassword FROM pg_authid')).toBe('42501')
    for (const database of ['goldgate', 'postgres', 'template1'])
      expect(await attempt('SELECT 1', reader.replace(/\/warehouse$/, `/${database}`))).toBe('42501')
  })

  test('is let out again of a database that was for people once', async () => {
    const opened = await open()
    await one(await opened.database('goldgate', true), 'CREATE TABLE secret AS SELECT 7 AS n')
    const reader = (await readFile(state('url'), 'utf8')).replace(/\/warehouse$/, '/goldgate')
    expect(await one(reader, 'SELECT n FROM secret')).toBe(7)
    await opened.database('goldgate')
    expect(await attempt('SELECT n FROM secret', reader)).toBe('42501')
  })

  test('is again what it was after its user changed it', async () => {
    await (await open()).database('warehouse', true)
    const reader = await readFile(state('url'), 'utf8')
    await attempt(`ALTER ROLE goldgate_reader PASSWORD 'mine'; ALTER ROLE goldgate_reader SET statement_timeout = 0`)
    await restart(async () => undefined)
    expect(await one(reader, 'SHOW statement_timeout')).toBe('10min')
    expect(await one(reader, 'SHOW idle_in_transaction_session_timeout')).toBe('10min')
    expect(await one(reader, 'SHOW transaction_read_only')).toBe('on')
  })
})
