import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/database.js'
import { thing, thingList, things } from '../../conformance/things.js'
import { Workbench } from '../../conformance/workbench.js'
import type { Warehouse } from '../../contract/warehouse.js'
import { postgresAdapter } from './adapter.js'

/** More than the two seconds after which a merge goes around whoever holds a lock. */
const lockTimeoutMs = 3_000

let database: TestDatabase
let directory: string
let warehouse: Warehouse
let work: Workbench
/** Somebody with psql, whose transaction stays open. */
let person: pg.Client

beforeEach(async () => {
  database = await createTestDatabase()
  directory = await mkdtemp(join(tmpdir(), 'goldgate locks '))
  const options = postgresAdapter.parseOptions({ url: database.url, lockTimeoutMs })
  warehouse = await postgresAdapter.open('main', options, { directory, embeddedPostgres: async () => database.url })
  const subject = {
    directory,
    open: async () => warehouse,
    openUnavailable: async () => warehouse,
    close: async () => {},
  }
  work = await Workbench.open(subject, { models: [thingList] })
  person = new pg.Client({ connectionString: database.url, application_name: 'psql' })
  person.on('error', () => undefined)
  await person.connect()
})
afterEach(async () => {
  await person.end()
  await warehouse.close()
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

it('goes around somebody who reads Silver in an open transaction', async () => {
  await work.write(async (writer) => {
    await person.query('BEGIN; SELECT * FROM silver.things')
    // The first batch would have become the table, the second would have emptied it.
    await work.fill(writer, [thing('a', { label: '1' })])
    await work.fill(writer, [thing('b', { label: '2' })])
    expect((await work.silver(writer)).map((row) => row.label)).toEqual(['2'])
  })
})

it('leaves to the next run what somebody reads in an open transaction', async () => {
  await work.write(async (writer) => {
    await work.fill(writer, [thing('a', { label: '1' })])
    const batch = await work.batch([thing('b', { label: '2' })])
    await writer.load(batch)
    const { rows } = await person.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'landing'`,
    )
    const landing = `landing.${person.escapeIdentifier(rows[0]?.name ?? '')}`
    await person.query(`BEGIN; SELECT * FROM ${landing}`)
    await writer.merge(batch)
    expect((await work.silver(writer)).map((row) => row.label)).toEqual(['2'])
    expect(await writer.retain(new Set())).toEqual([])
    await person.query('COMMIT')
    expect(await writer.retain(new Set())).toEqual([landing])
  })
})

it('names who keeps it from changing what cannot be gone around', async () => {
  const writer = await work.writer(1n)
  await person.query('BEGIN; LOCK TABLE silver.things IN SHARE MODE')
  const started = performance.now()
  const { rows } = await person.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await expect(work.fill(writer, [thing('a')])).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringMatching(
      new RegExp(
        `process ${rows[0]?.pid} \\(user goldgate, psql, since .*\\) holds silver\\.things.*pg_terminate_backend\\(${rows[0]?.pid}\\)`,
      ),
    ),
  })
  expect(performance.now() - started).toBeGreaterThan(lockTimeoutMs)
  await person.query('ROLLBACK')
  await work.fill(writer, [thing('a', { label: '1' })])
  expect((await work.silver(writer)).map((row) => row.label)).toEqual(['1'])
  await writer.close()
})

it('names who keeps a table of an older declaration from being replaced', async () => {
  await work.write(async (writer) => work.fill(writer, [thing('a')]))
  await person.query('BEGIN; SELECT * FROM silver.things')
  const entity = { ...things, columns: things.columns.slice(0, -1) }
  await expect(warehouse.openWriter(2n, [entity])).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining('holds silver.things'),
  })
})

it('still lets the first batch become the table where default privileges are given', async () => {
  await person.query('CREATE ROLE somebody_else; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO somebody_else')
  try {
    await work.write(async (writer) => {
      const batch = await work.batch([thing('a')])
      await writer.load(batch)
      const tables = `SELECT c.oid::text AS oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND `
      const landing = await person.query(`${tables} n.nspname = 'landing'`)
      await writer.merge(batch)
      expect((await person.query(`${tables} c.oid = 'silver.things'::regclass`)).rows).toEqual(landing.rows)
    })
  } finally {
    await person.query('DROP OWNED BY somebody_else; DROP ROLE somebody_else')
  }
})
