import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { integer, optional, text } from '../../../models/columns.js'
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/database.js'
import { compileRows } from '../../compiler/rows.js'
import { thing, thingList, things } from '../../conformance/things.js'
import { Workbench } from '../../conformance/workbench.js'
import type { Statement } from '../../contract/values.js'
import type { Warehouse } from '../../contract/warehouse.js'
import { postgresAdapter } from './adapter.js'

let database: TestDatabase
let directory: string
let warehouse: Warehouse
let administrator: pg.Client

beforeEach(async () => {
  database = await createTestDatabase()
  directory = await mkdtemp(join(tmpdir(), 'goldgate postgres '))
  administrator = new pg.Client({ connectionString: database.url })
  await administrator.connect()
  warehouse = await open()
})

afterEach(async () => {
  await warehouse.close()
  await administrator.end()
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

function open(poolSize = 3): Promise<Warehouse> {
  const options = postgresAdapter.parseOptions({ url: database.url, poolSize })
  const embeddedPostgres = () => Promise.reject(new Error('not embedded'))
  return postgresAdapter.open('main', options, { directory, embeddedPostgres })
}

/** The warehouse belongs to the test, which closes it. */
const bench = (models = [thingList]) =>
  Workbench.open(
    { directory, open: async () => warehouse, openUnavailable: () => open(), close: async () => undefined },
    { models },
  )

it('takes over from a runner that sleeps inside a transaction', async () => {
  const work = await bench()
  await work.publish([thing('a', { label: '1' })])
  const sleeper = new pg.Client({ connectionString: database.url, application_name: 'goldgate writer 1' })
  let ended = false
  sleeper.on('error', () => {
    ended = true
  })
  await sleeper.connect()
  await sleeper.query('BEGIN')
  await sleeper.query('UPDATE goldgate_state.fence SET token = 1')
  await sleeper.query('DELETE FROM silver.things')
  await work.write(async (writer) => {
    expect((await work.silver(writer)).map((row) => row.label)).toEqual(['1'])
  }, 2n)
  expect(ended).toBe(true)
})

it('leaves the connections of a runner with a higher token alone', async () => {
  const work = await bench()
  const current = await work.writer(10n)
  await expect(work.writer(9n)).rejects.toMatchObject({ code: 'FENCED' })
  expect(await work.silver(current)).toEqual([])
  await current.close()
})

it('goes on reading after the server ended every idle connection', async () => {
  const work = await bench()
  const build = await work.publish([thing('a', { label: '1' })])
  await Promise.all([1, 2, 3].map(() => work.read(build, ['label'])))
  const ended = await administrator.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goldgate reader' AND datname = current_database()`,
  )
  expect(ended.rowCount).toBeGreaterThan(0)
  const answers = await Promise.allSettled([1, 2, 3, 4].map(() => work.readColumn(build, 'label')))
  for (const answer of answers)
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' })
  expect(await work.readColumn(build, 'label')).toEqual(['1'])
})

it('a writer whose connection was lost goes on with a new one', async () => {
  const work = await bench()
  await work.write(async (writer) => {
    await work.fill(writer, [thing('a', { label: '1' })])
    await administrator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goldgate writer 1' AND datname = current_database()`,
    )
    await work.silver(writer).catch((error: unknown) => expect(error).toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' }))
    expect((await work.silver(writer)).map((row) => row.label)).toEqual(['1'])
  })
})

it('gives the same values whatever the database’s own settings are', async () => {
  const { rows } = await administrator.query<{ name: string }>('SELECT current_database() AS name')
  const name = administrator.escapeIdentifier(rows[0]?.name ?? '')
  for (const setting of [
    `timezone = 'Asia/Tokyo'`,
    `datestyle = 'German'`,
    `default_transaction_isolation = 'serializable'`,
  ])
    await administrator.query(`ALTER DATABASE ${name} SET ${setting}`)
  const work = await bench()
  const values = { day: '1969-12-31', moment: '1969-12-31T23:59:59.000001Z', amount: '0.10' }
  const build = await work.publish([thing('a', values)])
  expect(await work.read(build, ['day', 'moment', 'amount'])).toEqual([values])
})

it('makes a Silver table again when its declaration changed, and its ledger with it', async () => {
  const work = await bench()
  await work.write(async (writer) => {
    await work.fill(writer, [thing('a')])
    await writer.load(await work.batch([thing('b')]))
  })
  const entity = { ...things, columns: [...things.columns, optional('extra', text, 'New.')] }
  const writer = await warehouse.openWriter(2n, [entity])
  expect(await writer.ledger('shop')).toEqual({ loaded: new Set(), merged: new Set() })
  const batch = await work.batch([thing('a', { extra: 'new' })], { entity })
  await writer.load(batch)
  await writer.merge(batch)
  expect(await work.silver(writer, entity)).toMatchObject([{ thing_id: 'a', extra: 'new' }])
  await writer.close()
})

it('reads a page in the default order from an index', async () => {
  const dated = thingList.columns.map((column) => (column.name === 'day' ? { ...column, nullable: false } : column))
  const model = { ...thingList, columns: dated }
  const work = await bench([model])
  const build = await work.publish(Array.from({ length: 2000 }, (_, at) => thing(String(at), { day: '2024-01-01' })))
  const order = [
    { column: 'day', direction: 'desc', nulls: 'last' } as const,
    { column: 'source', direction: 'asc', nulls: 'last' } as const,
    { column: 'thing_id', direction: 'asc', nulls: 'last' } as const,
  ]
  const { sql } = compileRows({ model, build, columns: ['label'], order, limit: 10 }, warehouse.dialect)
  const { rows: plan } = await administrator.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`)
  const lines = plan.map((row) => row['QUERY PLAN']).join('\n')
  expect(lines).toContain('Index Scan')
  expect(lines).not.toMatch(/Seq Scan|Sort/)
})

it('keeps what other people made upon Silver through a full merge', async () => {
  const work = await bench()
  await work.write(async (writer) => {
    await work.fill(writer, [thing('a', { label: '1' })])
    await administrator.query('CREATE VIEW public.mine AS SELECT label FROM silver.things')
    await work.fill(writer, [thing('a', { label: '2' })])
  })
  expect((await administrator.query('SELECT * FROM public.mine')).rows).toEqual([{ label: '2' }])
})

it('moves the views without failing a query of those who read several of them', async () => {
  const other = { ...thingList, name: 'thing_list_too' }
  const models = [thingList, other]
  const work = await bench(models)
  const builds = [await work.publish([thing('a')], 'run1_1', 1n), await work.publish([thing('a')], 'run2_2', 2n)]
  const writer = await work.writer(3n)
  const exposed = builds.map((build) => () => writer.exposeViews(build, models))
  await exposed[0]?.()
  let stop = false
  const orders = [models, [other, thingList], models]
  const answers = orders.map(() => 0)
  const failures: unknown[] = []
  const readers = orders.map(async (order, reader) => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    while (!stop) {
      try {
        await client.query('BEGIN')
        for (const { name } of order) await client.query(`SELECT * FROM gold.${name}`)
        await client.query('COMMIT')
        answers[reader] = (answers[reader] ?? 0) + 1
      } catch (error) {
        failures.push(error)
        await client.query('ROLLBACK')
      }
    }
    await client.end()
  })
  // However slow the machine: until every reader was at it through several moves.
  for (let round = 1; round <= 4 || answers.some((count) => count < 10); round += 1) {
    await exposed[round % 2]?.()
    if (failures.length > 0) break
  }
  stop = true
  await Promise.all(readers)
  await writer.close()
  expect(failures).toEqual([])
})

it('writes down what tables and columns mean', async () => {
  const work = await bench()
  await work.publish([thing('a')])
  const { rows } = await administrator.query(
    `SELECT obj_description('gold_builds.thing_list__run1_1'::regclass) AS meaning, col_description('gold_builds.thing_list__run1_1'::regclass, 3) AS label`,
  )
  expect(rows).toEqual([{ meaning: thingList.description, label: 'Text.' }])
})

it('plans what adds rows up, or takes long, for its values each time, and other pages once for all', async () => {
  const single = await open(1)
  const count = { name: 'count', type: integer } as const
  const columns = [count]
  const generic: Statement = {
    sql: 'SELECT COALESCE(CAST(SUM(generic_plans) AS bigint), 0) AS count FROM pg_prepared_statements',
    ...{ params: [], columns, aggregates: true },
  }
  const genericPlansAfter = async (statement: Statement): Promise<unknown> => {
    for (let i = 0; i < 8; i += 1) {
      await single.query({ ...statement, params: [{ value: BigInt(i), type: integer }] }, [])
      await single.queryCells?.({ ...statement, params: [{ value: BigInt(i), type: integer }] }, [])
    }
    return (await single.query(generic, []))[0]?.count
  }
  const sql = 'SELECT CAST($1 AS bigint) AS count'
  expect(await genericPlansAfter({ sql, params: [], columns, aggregates: true })).toBe(0n)
  expect(await genericPlansAfter({ sql: `${sql} FROM pg_sleep(0.15)`, params: [], columns })).toBe(0n)
  expect(await genericPlansAfter({ sql, params: [], columns })).toBeGreaterThan(0n)
  await single.close()
})
