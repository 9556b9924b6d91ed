import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type Logged,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../tests/fixtures/gateway/gateway.js'
import type { ListenSettings } from './listen.js'
import { startGateway } from './listen.js'

const query = '{ dailyRevenue(first: 1) { nodes { source } } }'
let warehouses: TestWarehouses
let inner: TestGateway
let warnings: Logged[]

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  inner = new TestGateway(warehouses.both)
})
beforeEach(() => {
  warnings = []
})
afterAll(() => warehouses?.close())

const listen = (settings: Partial<ListenSettings>) =>
  startGateway({
    warehouses: inner.warehouses,
    defaultWarehouse: 'duckdb',
    catalog: inner.catalog,
    introspection: true,
    landingPage: false,
    logger: {
      info() {},
      error() {},
      warn: (message, fields = {}) => void warnings.push({ level: 'warn', message, fields }),
    },
    host: '127.0.0.1',
    port: 0,
    ...settings,
  })

/** Node's fetch does not let a client choose its `Host`. */
function ask(url: string, headers: Readonly<Record<string, string>> = {}, asked = query) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { port } = new URL(url)
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json', ...headers },
      },
      async (response) => resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    )
    sent.on('error', reject).end(JSON.stringify({ query: asked }))
  })
}

test('beyond loopback it listens when told that this is meant, and warns loudly', async () => {
  const gateway = await listen({ host: '0.0.0.0', exposed: true })
  try {
    expect(warnings).toEqual([
      { level: 'warn', message: expect.stringMatching(/^EXPOSED: .*asks nobody/), fields: { addresses: ['0.0.0.0'] } },
    ])
    // An address that can be opened.
    expect(gateway.url).toMatch(/^http:\/\/localhost:\d+$/)
    expect(await ask(gateway.url)).toMatchObject({ status: 200 })
  } finally {
    await gateway.close()
  }
})

test('on loopback it warns of nothing, exposed or not', async () => {
  for (const exposed of [true, false]) await (await listen({ exposed })).close()
  expect(warnings).toEqual([])
})

test('exposed or not, a page that points its own name here reads nothing', async () => {
  const gateway = await listen({ host: '0.0.0.0', exposed: true, allowedHosts: ['Gateway'] })
  try {
    expect(await ask(gateway.url, { host: 'evil.example.com' })).toMatchObject({ status: 403 })
    expect(await ask(gateway.url, { host: 'gateway:4000' })).toMatchObject({ status: 200 })
  } finally {
    await gateway.close()
  }
})

test('a warehouse answers to its aliases, by argument and by header, and the answer names it itself', async () => {
  const gateway = await listen({ aliases: { primary: 'postgres', reporting: 'duckdb' } })
  try {
    const argument = '{ dailyRevenue(first: 1, warehouse: "primary") { nodes { source } } }'
    for (const answer of [
      await ask(gateway.url, {}, argument),
      await ask(gateway.url, { 'x-goldgate-warehouse': 'primary' }),
    ])
      expect(JSON.parse(answer.body)).toMatchObject({
        extensions: { goldgate: { builds: [{ warehouse: 'postgres' }] } },
      })
    const unknown = await ask(gateway.url, { 'x-goldgate-warehouse': 'constructor' })
    expect(JSON.parse(unknown.body)).toMatchObject({
      errors: [
        { extensions: { code: 'WAREHOUSE_UNKNOWN', available: ['duckdb', 'postgres', 'primary', 'reporting'] } },
      ],
    })
  } finally {
    await gateway.close()
  }
})
