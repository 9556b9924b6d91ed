import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { entities } from '../../models/entities/index.js'
import { adapterOf } from '../../warehouses/adapters/registry.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import { createTestDatabase, type TestDatabase } from '../setup/database.js'

const role = 'goldgate_test_limited'
const password = 'hunter2 with a space'

let database: TestDatabase
let admin: pg.Client
const opened: Warehouse[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  await admin.query(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD '${password}'`)
})
afterEach(async () => {
  for (const warehouse of opened.splice(0)) await warehouse.close()
  await admin.query(`DROP OWNED BY ${role} CASCADE`)
  await admin.end()
  await database.drop()
})

/** The warehouse of a user who may log in and no more. */
async function open(change: (url: URL) => void = () => undefined): Promise<Warehouse> {
  const url = new URL(database.url)
  url.username = role
  url.password = encodeURIComponent(password)
  change(url)
  const adapter = adapterOf('postgres')
  const warehouse = await adapter.open('main', adapter.parseOptions({ url: url.href }), {
    directory: '/nowhere',
    embeddedPostgres: () => Promise.reject(new Error('not embedded')),
  })
  opened.push(warehouse)
  return warehouse
}

/** The statement that a problem ends with. */
const cure = (problem: string | undefined) => /: ((?:GRANT|ALTER) .*;)$/.exec(problem ?? '')?.[1] ?? 'no statement'

test('a missing permission is named with the statement that grants it, and then it works', async () => {
  const warehouse = await open()
  const { problems } = await warehouse.diagnose()
  expect(problems).toEqual([expect.stringContaining('may not create schemas')])
  await expect(warehouse.setup()).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' })
  await admin.query(cure(problems[0]))
  expect((await warehouse.diagnose()).problems).toEqual([])
  expect(await warehouse.setup()).toEqual(['Created the schemas goldgate_state, landing, silver, gold_builds, gold.'])
  await (await warehouse.openWriter(1n, entities)).close()
})

test('schemas that somebody else made are named one by one, with what is missing in them', async () => {
  for (const schema of ['goldgate_state', 'landing', 'silver', 'gold_builds', 'gold'])
    await admin.query(`CREATE SCHEMA ${schema}`)
  await admin.query(`GRANT USAGE, CREATE ON SCHEMA goldgate_state, landing, gold_builds TO ${role}`)
  await admin.query('CREATE TABLE landing.theirs (n int)')
  const warehouse = await open()
  const { problems } = await warehouse.diagnose()
  expect(problems).toEqual([
    expect.stringContaining('schema "gold", "silver"'),
    expect.stringContaining('1 tables in schema landing belong to somebody else'),
  ])
  await admin.query(cure(problems[0]))
  expect((await warehouse.diagnose()).problems).toHaveLength(1)
})

test('a server that takes no writes is no place for a warehouse', async () => {
  await admin.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`)
  expect((await (await open()).diagnose()).problems.join()).toContain('accepts no writes')
})

test('a database that is not there is made where the user may, and named where not', async () => {
  const elsewhere = (url: URL) => {
    url.pathname = `${url.pathname} new"`
  }
  const name = decodeURIComponent(new URL(database.url).pathname.slice(1))
  const warehouse = await open(elsewhere)
  expect((await warehouse.diagnose()).problems.join()).toContain('"goldgate setup" does where the user may')
  // As everybody may on an ordinary server; the embedded one of these tests lets nobody in whom it does not name.
  await admin.query(`GRANT CONNECT ON DATABASE postgres TO ${role}`)
  try {
    await expect(warehouse.setup()).rejects.toThrow('permission denied to create database')
    await admin.query(`ALTER ROLE ${role} CREATEDB`)
    expect(await warehouse.setup()).toEqual([
      `Created the database ${name} new".`,
      'Created the schemas goldgate_state, landing, silver, gold_builds, gold.',
    ])
    expect(await warehouse.diagnose()).toMatchObject({ problems: [] })
    expect(await warehouse.setup()).toEqual([])
  } finally {
    await admin.query(`REVOKE CONNECT ON DATABASE postgres FROM ${role}`)
    await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(`${name} new"`)} WITH (FORCE)`)
  }
})

test('a wrong password is a problem that does not show it', async () => {
  const warehouse = await open((url) => {
    url.password = 'wrong-secret'
  })
  const { found, problems } = await warehouse.diagnose()
  expect(problems.join()).toContain('Check user and password')
  expect(found + problems.join()).not.toContain('wrong-secret')
})

test('several setups at once make one database with its schemas, and none of them fails', async () => {
  const url = new URL(database.url)
  url.pathname = `${url.pathname}_several`
  const adapter = adapterOf('postgres')
  const environment = { directory: '/nowhere', embeddedPostgres: () => Promise.reject(new Error('not embedded')) }
  const warehouses = await Promise.all(
    Array.from({ length: 6 }, () => adapter.open('main', adapter.parseOptions({ url: url.href }), environment)),
  )
  opened.push(...warehouses)
  try {
    const made = (await Promise.all(warehouses.map((warehouse) => warehouse.setup()))).flat()
    expect(made.filter((sentence) => sentence.startsWith('Created the database'))).toHaveLength(1)
    expect(made.join().match(/\bsilver\b/g)).toHaveLength(1)
    expect(await warehouses[0]?.diagnose()).toMatchObject({ problems: [] })
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(url.pathname.slice(1))} WITH (FORCE)`)
  }
})
