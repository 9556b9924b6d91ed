import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builds, openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { type RunningGateway, startGateway } from './listen.js'

const query = '{ dailyRevenue(first: 1, warehouse: "postgres") { nodes { source } totalCount } }'

describe('a client that goes away before its answer', () => {
  let warehouses: TestWarehouses
  let gateway: RunningGateway
  let admin: pg.Client
  // Of its own: within a transaction pg_stat_activity does not change.
  let locker: pg.Client

  beforeAll(async () => {
    warehouses = await openTestWarehouses()
    const { catalog } = new TestGateway(new Map([['postgres', warehouses.postgres]]))
    catalog.live = true
    gateway = await startGateway({
      ...{ host: '127.0.0.1', port: 0, introspection: true, landingPage: false },
      warehouses: new Map([['postgres', warehouses.postgres]]),
      defaultWarehouse: 'postgres',
      catalog,
      logger: { info() {}, warn() {}, error() {} },
    })
    const connectionString = warehouses.postgresUrl
    admin = new pg.Client({ connectionString })
    locker = new pg.Client({ connectionString })
    await Promise.all([admin.connect(), locker.connect()])
  })
  afterAll(async () => {
    await Promise.all([admin?.end(), locker?.end()])
    await gateway?.close()
    await warehouses?.close()
  })

  function ask(): { readonly leave: () => void; readonly answer: Promise<string> } {
    const asked = request(`${gateway.url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json' },
    })
    const answer = new Promise<string>((resolve) => {
      asked.on('error', () => resolve('left'))
      asked.on('response', async (response) => {
        let text = ''
        for await (const chunk of response) text += String(chunk)
        resolve(text)
      })
    })
    asked.end(JSON.stringify({ query }))
    return { leave: () => asked.destroy(), answer }
  }

  /** Statements that the server works on for readers. */
  async function statements(): Promise<number> {
    const found = await admin.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'active' AND application_name = 'goldgate reader' AND query LIKE '%daily_revenue%'`,
    )
    return found.rows[0]?.n ?? 0
  }

  /** While this lasts, nothing that reads the table comes to an end. */
  async function whileLocked(work: () => Promise<void>): Promise<void> {
    await locker.query(`BEGIN; LOCK TABLE gold_builds."daily_revenue__${builds.first.tag}" IN ACCESS EXCLUSIVE MODE`)
    try {
      await work()
    } finally {
      await locker.query('ROLLBACK')
    }
  }

  async function leaveBehindNothing(): Promise<void> {
    await whileLocked(async () => {
      const one = ask()
      await expect.poll(statements, { timeout: 10_000 }).toBe(2)
      one.leave()
      expect(await one.answer).toBe('left')
      await expect.poll(statements, { timeout: 10_000 }).toBe(0)
    })
  }

  it('takes its statements with it', async () => {
    await leaveBehindNothing()
  })

  it('takes its statements with it where its head is known too', async () => {
    expect(JSON.parse(await ask().answer)).toMatchObject({ data: { dailyRevenue: { totalCount: 25 } } })
    await leaveBehindNothing()
  })

  it('takes nothing from another one who asks the same', async () => {
    const [one, other] = [ask(), ask()]
    await Promise.all([one.answer, other.answer])
    await whileLocked(async () => {
      const [leaving, staying] = [ask(), ask()]
      await expect.poll(statements, { timeout: 10_000 }).toBeGreaterThan(1)
      await sleep(200)
      leaving.leave()
      await leaving.answer
      await sleep(300)
      expect(await statements()).toBeGreaterThan(0)
      await locker.query('ROLLBACK')
      expect(JSON.parse(await staying.answer)).toMatchObject({ data: { dailyRevenue: { totalCount: 25 } } })
    })
  })
})
