import { request } from 'node:http'
import { join } from 'node:path'
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
    const { duckdb, postgres } = warehouses
    const both = new Map(Object.entries({ duckdb, postgres }))
    const { catalog } = new TestGateway(both)
    catalog.live = true
    gateway = await startGateway({
      ...{ host: '127.0.0.1', port: 0, introspection: true, landingPage: false },
      ...{ warehouses: both, defaultWarehouse: 'postgres', catalog },
      operations: [join(import.meta.dirname, '../../operations')],
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

  interface Asked {
    readonly leave: () => void
    readonly answer: Promise<string>
  }
  const get = (path: string): Asked => sent('GET', path)
  const ask = (question = query): Asked => sent('POST', '/graphql', JSON.stringify({ query: question }))

  function sent(method: string, path: string, body?: string): Asked {
    const headers = { 'content-type': 'application/json' }
    const asked = request(`${gateway.url}${path}`, { method, agent: false, ...(body !== undefined && { headers }) })
    const answer = new Promise<string>((resolve) => {
      asked.on('error', () => resolve('left'))
      asked.on('response', async (response) => {
        let text = ''
        for await (const chunk of response) text += String(chunk)
        resolve(text)
      })
    })
    asked.end(body)
    return { leave: () => asked.destroy(), answer }
  }

  /** Statements that the server works on for readers. */
  async function statements(table = 'daily_revenue'): Promise<number> {
    const found = await admin.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'active' AND application_name = 'goldgate reader' AND query LIKE $1`,
      [`%${table}%`],
    )
    return found.rows[0]?.n ?? 0
  }

  /** While this lasts, nothing that reads the table comes to an end. */
  async function whileLocked(work: () => Promise<void>, table = 'daily_revenue'): Promise<void> {
    await locker.query(`BEGIN; LOCK TABLE gold_builds."${table}__${builds.first.tag}" IN ACCESS EXCLUSIVE MODE`)
    try {
      await work()
    } finally {
      await locker.query('ROLLBACK')
    }
  }

  async function leaveBehindNothing(begin: () => Asked, running: number, table?: string): Promise<void> {
    const left = () => statements(table)
    await whileLocked(async () => {
      const one = begin()
      await expect.poll(left, { timeout: 10_000 }).toBe(running)
      one.leave()
      expect(await one.answer).toBe('left')
      await expect.poll(left, { timeout: 10_000 }).toBe(0)
    }, table)
  }

  it('takes its statements with it', async () => {
    await leaveBehindNothing(ask, 2)
  })

  it('takes its statements with it where its head is known too', async () => {
    expect(JSON.parse(await ask().answer)).toMatchObject({ data: { dailyRevenue: { totalCount: 25 } } })
    await leaveBehindNothing(ask, 2)
  })

  it.each(['daily', 'daily.csv'])('takes those of a stored operation with it (GET …/%s)', async (name) => {
    await leaveBehindNothing(() => get(`/api/v1/revenue/${name}?start_date=2024-01-01`), 1)
  })

  it('takes those of groups and of all that stands beside them with it', async () => {
    const groups = '{ dailyRevenueBy { nodes { source netRevenue } totals { netRevenue } totalCount } }'
    await leaveBehindNothing(() => ask(groups), 3)
  })

  it('takes those of relations with it', async () => {
    const related = '{ inventoryRisk { nodes { product { productName lines { totalCount nodes { saleId } } } } } }'
    await leaveBehindNothing(() => ask(related), 1, 'product_sales_performance')
  })

  it('leaves a connection of DuckDB free, whose statement would not have ended', async () => {
    const { duckdb } = warehouses
    const question = query.replace('postgres', 'duckdb').replace('totalCount', '')
    duckdb.instead = ({ inReadingOrder: _, sql, ...statement }) => ({
      ...statement,
      sql: `SELECT page.* FROM (${sql}) AS page, (SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1) WHERE n >= 0`,
    })
    const busy = () => duckdb.pool?.().busy
    const four = Array.from({ length: 4 }, (_, n) => ask(question.replace('first: 1', `first: ${n + 1}`)))
    await expect.poll(busy, { timeout: 10_000 }).toBe(4)
    for (const one of four) one.leave()
    await Promise.all(four.map(({ answer }) => answer))
    await expect.poll(busy, { timeout: 10_000 }).toBe(0)
    duckdb.instead = (statement) => statement
    expect(JSON.parse(await ask(question).answer)).toMatchObject({ data: { dailyRevenue: { nodes: [{}] } } })
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
