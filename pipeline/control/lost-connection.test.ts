import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../tests/setup/database.js'
import { ControlDatabase } from './database.js'

let server: TestDatabase
let administrator: pg.Client
let database: ControlDatabase
const uncaught: unknown[] = []
const catchAll = (error: unknown) => uncaught.push(error)

beforeAll(async () => {
  server = await createTestDatabase()
  administrator = new pg.Client({ connectionString: server.url })
  await administrator.connect()
  process.on('uncaughtException', catchAll)
})
afterAll(async () => {
  process.off('uncaughtException', catchAll)
  await administrator.end()
  await server.drop()
})
beforeEach(async () => {
  uncaught.length = 0
  database = await ControlDatabase.open(server)
  return () => database.close()
})

/** What a server does that is stopped, or an operator who clears up. */
async function endConnections(): Promise<void> {
  await administrator.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'goldgate control' AND datname = current_database()`,
  )
}

test('a connection that is lost between two statements of a transaction fails the transaction, not the process', async () => {
  const work = database.transaction(async (client) => {
    await client.query('SELECT 1')
    const gone = new Promise((ended) => client.once('end', ended))
    await endConnections()
    await gone
    await client.query('SELECT 2')
  })
  await expect(work).rejects.toMatchObject({ code: 'CONTROL_UNAVAILABLE' })
  expect(uncaught).toEqual([])
  expect(await database.query('SELECT 3 AS n')).toEqual([{ n: 3 }])
})

test('a connection that is lost during a statement is CONTROL_UNAVAILABLE too', async () => {
  const sleeping = database.transaction((client) => client.query('SELECT pg_sleep(30)'))
  const asking = database.query('SELECT pg_sleep(30)')
  const both = Promise.allSettled([sleeping, asking])
  const asleep = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()`
  while ((await administrator.query<{ n: number }>(asleep)).rows[0]?.n !== 2);
  await endConnections()
  for (const result of await both)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CONTROL_UNAVAILABLE' } })
  expect(uncaught).toEqual([])
})
