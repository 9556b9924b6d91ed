import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Shop } from '../pipeline/shop.js'
import { ended, type GatewayProcess, goldgate, startGatewayProcess } from '../publish/gateways.js'
import { Collector } from '../setup/collector.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'

const PRODUCTS = 3_000
const REVENUE = '{ dailyRevenue { nodes { revenueDate totalOrders } } }'

let folder: string
let installation: TestInstallation
let collector: Collector
/** Looks into the warehouse from outside. */
let warehouse: pg.Client

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goldgate serve '))
  const shop = await Shop.create(folder)
  const order = { order: '001', version: 1, day: '2024-02-03', status: 'completed', product: '0101' } as const
  await shop.deliverOrders('first', [{ ...order, quantity: 2 }])
  installation = await createInstallation({
    ...{ sources: { shop: shop.data }, mappings: [shop.mappings] },
    ...{ gateway: { authentication: { keys: true } }, logLevel: 'debug' },
  })
  collector = await Collector.start()
  warehouse = new pg.Client({ connectionString: installation.env.TEST_WAREHOUSE_URL })
  await warehouse.connect()
})
afterAll(async () => {
  await warehouse?.end()
  collector?.close()
  await installation?.remove()
  await rm(folder, { recursive: true, force: true })
})

it('goldgate run sends a span for each of its steps, all of them in one trace', async () => {
  const { code, stderr } = await goldgate(installation, ['run'], collector.env)
  expect(code).toBe(0)
  const lines = stderr.matchAll(/^ {2}(\w+) +(\S+(?: \S+)?)(?: {2}|$)/gm)
  const steps = [...lines].map(([, step, subject]) => `${step} ${subject}`)
  const { spans } = collector
  const whole = spans.find(({ name }) => name === 'pipeline run')
  const parts = spans.filter(({ name }) => !/^(pipeline run|run .*)$/.test(name))
  expect(parts.map(({ name }) => name).sort()).toEqual(steps.sort())
  const names = parts.map(({ name }) => name.split(' ')[0])
  expect(names).toEqual(expect.arrayContaining(['land', 'conform', 'load', 'merge', 'build', 'check', 'publish']))
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(new Set(parts.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([whole?.spanId]))
})

describe('goldgate serve', () => {
  let gateway: GatewayProcess
  let key: string

  beforeAll(async () => {
    collector.forget()
    const products = await tableOf('product_sales_performance')
    await warehouse.query(
      `INSERT INTO ${products} SELECT more.* FROM (SELECT * FROM ${products} LIMIT 1) AS one, generate_series(1, ${PRODUCTS}) AS n,
       jsonb_populate_record(NULL::${products}, to_jsonb(one) || jsonb_build_object('product_id', 'p' || n, 'product_name', repeat('x', 10000))) AS more`,
    )
    key = (await goldgate(installation, ['keys', 'create', 'reader', '--role', 'unrestricted'])).stdout.trim()
    // No spans are sent by themselves as long as it runs.
    const tracing = { ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '600000' }
    gateway = await startGatewayProcess({ ...installation.env, ...tracing, PORT: '0' }, 'only kept')
  })
  afterAll(() => void gateway?.process.kill('SIGKILL'))

  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>>) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('logs each request as a line of JSON that names it and its caller, and in none stands what proves who he is', async () => {
    const basic = Buffer.from(`reader:${key}`).toString('base64')
    const wrong = `ggk_${'a'.repeat(8)}_${'b'.repeat(43)}`
    const asked = {
      bearer: { authorization: `Bearer ${key}` },
      header: { 'x-api-key': key },
      password: { authorization: `Basic ${basic}` },
      wrong: { authorization: `Bearer ${wrong}` },
    }
    const statuses = Object.entries(asked).map(
      async ([id, headers]) => (await post('/graphql', { query: REVENUE }, { ...headers, 'x-request-id': id })).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 401])
    const lines = () => jsonLines(gateway.log()).filter(({ message }) => message === 'request')
    await expect.poll(() => lines().length).toBe(4)
    const common = { level: 'debug', method: 'POST', path: '/graphql' }
    const caller = `key ${key.slice(4, 12)}`
    expect(lines().sort((a, b) => String(a.requestId).localeCompare(String(b.requestId)))).toMatchObject([
      { ...common, requestId: 'bearer', status: 200, caller },
      { ...common, requestId: 'header', status: 200, caller },
      { ...common, requestId: 'password', status: 200, caller },
      { ...common, requestId: 'wrong', status: 401 },
    ])
    for (const secret of [key.slice(13), wrong.slice(13), basic, 'Bearer', 'Basic', 'authorization'])
      expect(gateway.log()).not.toContain(secret)
  })

  it('answers whole what has begun when it is told to stop, takes nothing new, sends its last spans and ends with 0', async () => {
    const authorization = `Bearer ${key}`
    const rest = await exportNotYetTaken(authorization)
    await warehouse.query('BEGIN')
    await warehouse.query(`LOCK TABLE ${await tableOf('daily_revenue')} IN ACCESS EXCLUSIVE MODE`)
    // Otherwise than the ones before, whose answer is in memory.
    const answer = post('/graphql', { query: REVENUE.replace('totalOrders', 'netRevenue') }, { authorization })
    await expect.poll(() => waitingForLocks(), { timeout: 10_000 }).toBe(1)
    gateway.process.kill('SIGTERM')
    await expect.poll(() => connecting(), { timeout: 10_000 }).toBe('ECONNREFUSED')
    await sleep(1_000)
    await warehouse.query('COMMIT')
    const [response, table] = await Promise.all([answer, rest()])
    expect(await response.json()).toMatchObject({
      data: { dailyRevenue: { nodes: [{ revenueDate: '2024-02-03', netRevenue: '5.00' }] } },
    })
    const lines = table.trimEnd().split('\n')
    expect(lines.filter((line) => line.endsWith('x'.repeat(10_000)))).toHaveLength(PRODUCTS)
    expect(await ended(gateway)).toBe(0)
    const names = collector.spans.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['POST /export', 'POST /graphql', 'statement postgres']))
    expect(collector.text).not.toContain(key.slice(13))
    // To the last: a supervisor that stops it collects its log like any other line.
    jsonLines(gateway.log())
  })

  /** An export whose client takes only as much as the network holds, until the rest is asked for. */
  async function exportNotYetTaken(authorization: string): Promise<() => Promise<string>> {
    const headers = { 'content-type': 'application/json', authorization }
    const asked = httpRequest(`${gateway.url}/export`, { method: 'POST', headers })
    asked.end(
      JSON.stringify({ query: '{ productSalesPerformance { nodes { productId productName } } }', format: 'csv' }),
    )
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    return () => text(response)
  }

  /** Whether new connections are taken, or why not. */
  async function connecting(): Promise<unknown> {
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    const outcome = once(socket, 'connect').then(
      () => 'taken',
      (error: NodeJS.ErrnoException) => error.code,
    )
    return outcome.finally(() => socket.destroy())
  }
})

async function tableOf(model: string): Promise<string> {
  const { rows } = await warehouse.query<{ name: string }>(
    `SELECT format('gold_builds.%I', tablename) AS name FROM pg_tables WHERE schemaname = 'gold_builds' AND tablename LIKE $1`,
    [`${model}\\_\\_%`],
  )
  if (rows.length !== 1) throw new Error(`${model} has ${rows.length} tables`)
  return rows[0]?.name ?? ''
}

async function waitingForLocks(): Promise<number> {
  const { rowCount } = await warehouse.query(
    `SELECT FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database() AND NOT granted`,
  )
  return rowCount ?? 0
}

const jsonLines = (log: string): Readonly<Record<string, unknown>>[] =>
  log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
