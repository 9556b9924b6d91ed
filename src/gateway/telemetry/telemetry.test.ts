import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type Logged,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../../tests/fixtures/gateway/gateway.js'
import { Collector } from '../../../tests/setup/collector.js'
import { WarehouseError } from '../../../warehouses/contract/errors.js'
import { openTracing } from '../../tracing/open-tracing.js'
import { tracedRun } from '../../tracing/traced-run.js'
import type { ListenSettings, RunningGateway } from '../listen.js'
import { startGateway } from '../listen.js'

const secret = 'nobody may read this'
const query = `query Named($source: [String!]) { dailyRevenue(first: 1, where: { source: { in: $source } }) { nodes { source } } }`

let warehouses: TestWarehouses
let inner: TestGateway
let logged: Logged[]

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  const { postgres, duckdb } = warehouses
  inner = new TestGateway(new Map(Object.entries({ postgres, duckdb })))
})
beforeEach(() => {
  logged = []
  inner.reset()
})
afterAll(() => warehouses?.close())

async function listen(settings: Partial<ListenSettings> = {}): Promise<RunningGateway> {
  const log =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void logged.push({ level, message, fields })
  const gateway = await startGateway({
    ...{ host: '127.0.0.1', port: 0, introspection: true, landingPage: false },
    warehouses: inner.warehouses,
    defaultWarehouse: 'postgres',
    catalog: inner.catalog,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    ...settings,
  })
  onTestFinished(() => gateway.close())
  return gateway
}

const ask = ({ url }: RunningGateway, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables: { source: [secret] } }),
  })

describe('figures for Prometheus', () => {
  it('tell requests, statements, builds and connections, and no label comes from a request', async () => {
    inner.catalog.publish('duckdb', { buildId: 'b1', tag: 'b1_1' }, { gate: 'failed', stale: true })
    const gateway = await listen()
    expect((await ask(gateway)).status).toBe(200)
    await (await fetch(`${gateway.url}/made/up?key=${encodeURIComponent(secret)}`)).text()
    const response = await fetch(`${gateway.url}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await response.text()
    expect(text).toContain('goldgate_requests_total{route="/graphql",operation="other",status="200"} 1')
    expect(text).toContain('goldgate_requests_total{route="none",operation="other",status="404"} 1')
    expect(text).toContain('goldgate_request_seconds_count{route="/graphql",operation="other"} 1')
    expect(text).toContain('goldgate_request_seconds_count{route="none",operation="other"} 1')
    expect(Number(/goldgate_response_bytes_total\{operation="other"\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(300)
    expect(text).toContain('goldgate_warehouse_statement_seconds_count{warehouse="postgres",outcome="done"} 1')
    expect(text).toMatch(/goldgate_build_age_seconds\{warehouse="duckdb"\} \d{7,}/)
    expect(text).toContain('goldgate_build_gate{warehouse="duckdb"} 0')
    expect(text).toContain('goldgate_build_stale{warehouse="duckdb"} 1')
    expect(text).toContain('goldgate_build_gate{warehouse="postgres"} 1')
    expect(text).toContain('goldgate_pool_connections{warehouse="postgres",state="idle"} 1')
    expect(text).toContain('goldgate_pool_connections{warehouse="postgres",state="waiting"} 0')
    expect(text).toContain('goldgate_pool_connections{warehouse="duckdb",state="busy"} 0')
    expect(text).toMatch(/nodejs_eventloop_lag_seconds \d/)
    expect(text).not.toContain('made')
    expect(text).not.toContain(secret)
  })

  it('name the stored operation that was asked, also where it was asked badly', async () => {
    const gateway = await listen({ operations: [fileURLToPath(new URL('../../../operations', import.meta.url))] })
    let sent = 0
    for (const query of ['limit=0', 'bogus=1', 'start_date=yesterday', 'warehouse=oracle', 'limit=1'])
      sent += (await (await fetch(`${gateway.url}/api/v1/revenue/daily?${query}`)).arrayBuffer()).byteLength
    await (await fetch(`${gateway.url}/api/v1/no/such/thing`)).text()
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    const answers = (operation: string) =>
      [...text.matchAll(/goldgate_requests_total\{route="\/api\/v1\/\*",operation="([^"]+)",status="(\d+)"\} (\d+)/g)]
        .filter(([, name]) => name === operation)
        .map(([, , status, n]) => [status, n])
    expect(answers('revenue/daily')).toEqual([
      ['400', '4'],
      ['200', '1'],
    ])
    expect(answers('other')).toEqual([['404', '1']])
    for (const [operation, n] of [
      ['revenue/daily', 5],
      ['other', 1],
    ])
      expect(text).toContain(`goldgate_request_seconds_count{route="/api/v1/*",operation="${operation}"} ${n}`)
    const bytes = Number(/goldgate_response_bytes_total\{operation="revenue\/daily"\} (\d+)/.exec(text)?.[1])
    expect(bytes).toBeGreaterThan(sent)
    // Headers, a few hundred bytes of each answer.
    expect(bytes).toBeLessThan(sent + 5 * 1_000)
  })

  it.each([
    ['done', undefined],
    ['failed', new Error('unforeseen')],
    ['timeout', new WarehouseError('STATEMENT_TIMEOUT', 'duckdb', 'too slow')],
  ])('tell of the statements of each warehouse how they ended: %s', async (outcome, failure) => {
    warehouses.duckdb.failure = failure
    const gateway = await listen()
    await (await ask(gateway, { 'x-goldgate-warehouse': 'duckdb' })).text()
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(text.match(/goldgate_warehouse_statement_seconds_count\{.*/g)).toEqual([
      `goldgate_warehouse_statement_seconds_count{warehouse="duckdb",outcome="${outcome}"} 1`,
    ])
  })

  it.each([
    ['duckdb', 'FROM range(1000000000000) AS counted(n) WHERE hash(n) % 7 = 8'],
    ['postgres', 'FROM (SELECT pg_sleep(60)) AS asleep'],
  ] as const)('tell that a connection to %s is busy as long as a statement runs', async (name, endless) => {
    warehouses[name].before = async ({ statement }) => {
      Object.assign(statement, { sql: `SELECT COUNT(*) AS "count" ${endless}` })
    }
    const gateway = await listen()
    const busy = async () => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text()
      const ended = /_statement_seconds_count\{warehouse="(\w+)",outcome="(\w+)"\} 1/.exec(text)?.slice(1)
      const series = new RegExp(`goldgate_pool_connections\\{warehouse="${name}",state="busy"\\} (\\d+)`)
      return [Number(series.exec(text)?.[1]), ended]
    }
    const leaving = new AbortController()
    const url = `${gateway.url}/graphql?query={dailyRevenue(warehouse:"${name}"){totalCount}}`
    const left = fetch(url, { headers: { 'apollo-require-preflight': '1' }, signal: leaving.signal }).catch(
      () => 'left',
    )
    onTestFinished(() => leaving.abort())
    await expect.poll(busy, { timeout: 10_000 }).toEqual([1, undefined])
    leaving.abort()
    expect(await left).toBe('left')
    await expect.poll(busy, { timeout: 10_000 }).toEqual([0, [name, 'cancelled']])
  })

  it('tell what came from a cache', async () => {
    const gateway = await listen({ cache: { megabytes: 10 } })
    for (const _ of [1, 2, 3]) await (await ask(gateway)).text()
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(text).toContain('goldgate_cache_lookups_total{cache="body",result="miss"} 1')
    expect(text).toContain('goldgate_cache_lookups_total{cache="body",result="hit"} 2')
    expect(text).toContain('goldgate_cache_lookups_total{cache="rows",result="miss"} 1')
  })

  it('say nothing of builds while the control database does not answer, and the rest all the same', async () => {
    const gateway = await listen()
    inner.catalog.failure = new Error('gone')
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(text).not.toContain('goldgate_build_age_seconds{')
    expect(text).toContain('process_cpu_seconds_total')
  })

  it('are not there where they are off, and beyond loopback only where they are asked for', async () => {
    const status = async (settings: Partial<ListenSettings>) => {
      const { url } = await listen(settings)
      return (await fetch(`${url}/metrics`)).status
    }
    expect(await status({ metrics: false })).toBe(404)
    expect(await status({ host: '0.0.0.0', exposed: true })).toBe(404)
    expect(await status({ host: '0.0.0.0', exposed: true, metrics: true })).toBe(200)
  })
})

describe('the log', () => {
  it('names each request as its client does, and the answer says how', async () => {
    const gateway = await listen()
    expect((await ask(gateway, { 'x-request-id': 'abc-123' })).headers.get('x-request-id')).toBe('abc-123')
    const made = (await ask(gateway, { 'x-request-id': '"} {"level": "forged"' })).headers.get('x-request-id')
    expect(made).toMatch(/^[0-9a-f-]{36}$/)
    const refused = await fetch(`${gateway.url}/nowhere`, { headers: { 'x-request-id': 'refused' } })
    expect(refused.headers.get('x-request-id')).toBe('refused')
    await vi.waitFor(() => expect(logged.filter(({ message }) => message === 'request')).toHaveLength(3))
    expect(logged.map(({ fields }) => fields.requestId)).toEqual(['abc-123', made, 'refused'])
  })

  it('names the request of a failure too', async () => {
    const gateway = await listen()
    warehouses.postgres.failure = new Error('unforeseen')
    await (await ask(gateway, { 'x-request-id': 'failing' })).text()
    expect(logged.find(({ level }) => level === 'error')).toMatchObject({
      message: 'A request failed inside',
      fields: { requestId: 'failing', error: 'unforeseen', reference: expect.any(String) },
    })
  })

  it.each(['csv', 'json'])('names the request of an export (%s), which fails or is slow', async (format) => {
    const gateway = await listen({ slowQuestionMs: 1 })
    const exported = async (id: string) => {
      const headers = { 'content-type': 'application/json', 'x-request-id': id }
      const body = JSON.stringify({ query: '{ dailyRevenue { nodes { source } } }', format })
      await (await fetch(`${gateway.url}/export`, { method: 'POST', headers, body })).text()
    }
    warehouses.postgres.before = () => new Promise((resolve) => setTimeout(resolve, 20))
    await exported('slow')
    expect(logged.find(({ message }) => message === 'slow statement')?.fields.requestId).toBe('slow')
    warehouses.postgres.failure = new Error('unforeseen')
    await exported('failing')
    expect(logged.find(({ level }) => level === 'error')?.fields).toMatchObject({
      ...{ requestId: 'failing', error: 'unforeseen' },
    })
  })

  it('tells slow questions and statements, without their values or any secret', async () => {
    warehouses.postgres.before = () => new Promise((resolve) => setTimeout(resolve, 60))
    const gateway = await listen({ slowQuestionMs: 50 })
    await (await ask(gateway, { authorization: `Bearer ${secret}`, 'x-request-id': 'slow' })).text()
    await (await fetch(`${gateway.url}/health/live`)).text()
    await vi.waitFor(() => expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(2))
    expect(logged.filter(({ level }) => level === 'warn')).toMatchObject([
      {
        message: 'slow statement',
        fields: { requestId: 'slow', warehouse: 'postgres', sql: expect.stringContaining('daily_revenue') },
      },
      { message: 'slow question', fields: { path: '/graphql', status: 200, requestId: 'slow' } },
    ])
    expect(JSON.stringify(logged)).not.toContain(secret)
  })
})

describe('traces', () => {
  let collector: Collector

  beforeAll(async () => {
    collector = await Collector.start()
  })
  beforeEach(() => {
    collector.forget()
    // The exporter reads the variables of the process.
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.env.OTEL_EXPORTER_OTLP_ENDPOINT)
  })
  afterEach(() => void vi.unstubAllEnvs())
  afterAll(() => collector?.close())

  it('show a request and its statements as parts of the trace that the client began', async () => {
    const tracing = await openTracing(collector.env)
    const gateway = await listen({ tracing })
    const [traceId, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    await (await ask(gateway, { traceparent: `00-${traceId}-${parent}-01` })).text()
    await gateway.close()
    await tracing?.close()
    const request = collector.spans.find(({ name }) => name === 'POST /graphql')
    expect(request).toMatchObject({ traceId, parentSpanId: parent })
    const statement = collector.spans.find(({ name }) => name === 'statement postgres')
    expect(statement).toMatchObject({ traceId, parentSpanId: request?.spanId })
    const { text } = collector
    expect(text).toContain('daily_revenue')
    expect(text).toContain('"goldgate"')
    expect(text).not.toContain(secret)
  })

  it('show a run of the pipeline with its steps, and why one failed', async () => {
    const tracing = await openTracing(collector.env)
    const events: unknown[] = []
    const run = tracedRun(
      tracing,
      (event) => void events.push(event),
      async (onEvent) => {
        onEvent({ step: 'land', subject: 'demo', state: 'started' })
        onEvent({ step: 'land', subject: 'demo', state: 'done', rows: 3 })
        onEvent({ step: 'load', subject: 'postgres', state: 'started' })
        onEvent({ step: 'load', subject: 'postgres', state: 'failed', message: 'no space' })
        return { runId: 'r1', status: 'failed' }
      },
    )
    expect(await run).toEqual({ runId: 'r1', status: 'failed' })
    expect(events).toHaveLength(4)
    await tracing?.close()
    const whole = collector.spans.find(({ name }) => name === 'pipeline run')
    expect(whole?.status).toMatchObject({ code: 2 })
    expect(collector.spans.find(({ name }) => name === 'land demo')).toMatchObject({ parentSpanId: whole?.spanId })
    expect(collector.spans.find(({ name }) => name === 'load postgres')).toMatchObject({
      parentSpanId: whole?.spanId,
      status: { code: 2, message: 'no space' },
    })
  })

  it('are not made without an endpoint, and hold nothing up where nobody receives them', async () => {
    expect(await openTracing({})).toBeUndefined()
    expect(await openTracing({ ...collector.env, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
    const tracing = await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
    const gateway = await listen({ tracing })
    expect((await ask(gateway)).status).toBe(200)
    const begun = performance.now()
    await tracing?.close()
    expect(performance.now() - begun).toBeLessThan(4_000)
  })
})
