import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Limits, RoleDefinition } from '../../resolvers/index.js'
import { BilledWarehouse } from '../../tests/fixtures/gateway/billed-warehouse.js'
import {
  type Answer,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../tests/fixtures/gateway/gateway.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import type { GatewaySettings } from './settings.js'

let warehouses: TestWarehouses
/** Reads 1,000 bytes for each column. */
let billed: BilledWarehouse
let fast: TestGateway
/** Without the fast lane, and where PostgreSQL answers for a warehouse that is down. */
let slow: TestGateway

const role = (name: string, limits: Partial<Limits>): RoleDefinition => ({ name, rows: {}, hide: [], limits })
const roles: RoleDefinition[] = [
  role('bytes2500', { bytes: 2500 }),
  role('bytes4500', { bytes: 4500 }),
  role('few', { exportRows: 5 }),
  {
    name: 'bound',
    rows: { source: { eq: '$claims.shop' } },
    hide: ['net_revenue', 'email', 'customer_name', 'country'],
    limits: {},
  },
]
const settings: Partial<GatewaySettings> = {
  operations: [join(import.meta.dirname, '../../operations')],
  cache: { megabytes: 4 },
  roles,
  // A credential is the name of a role here.
  authentication: {
    verifiers: [
      {
        takes: () => true,
        verify: async (name: string) => ({ name: 'somebody', roles: [name], claims: { shop: 'other' } }),
      },
    ],
    anonymous: 'unrestricted',
  },
}

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  billed = new BilledWarehouse('billed', warehouses.duckdb)
  const names = new Map([
    ['billed', billed],
    ['postgres', warehouses.postgres],
  ])
  fast = await new TestGateway(names).start(settings)
  slow = await new TestGateway(names).start({ ...settings, fastLane: false, fallback: { billed: 'postgres' } })
})
afterAll(async () => {
  await fast?.gateway.close()
  await slow?.gateway.close()
  await warehouses?.close()
})

/** Another number of rows in each test, so that no cache knows its statements. */
let first = 0
beforeEach(() => {
  first += 1
  for (const gateway of [fast, slow]) gateway.reset()
  billed.estimates.length = 0
  billed.silence = undefined
  billed.underestimated = 1n
})

const as = (name: string) => ({ 'x-api-key': name })
const explain = { 'x-goldgate-explain': 'true' }
const columns = (n: number) => ['source', 'revenueDate', 'totalOrders', 'netRevenue'].slice(0, n).join(' ')
/** Its statement has `n` columns, at least the two that it is ordered by. */
const days = (n: number, alias = 'days') => `${alias}: dailyRevenue(first: ${first}) { nodes { ${columns(n)} } }`

interface Explained {
  readonly statements: readonly { readonly sql: string; readonly bytes: number | null }[]
  readonly afterRows: readonly string[]
}
const goldgateOf = ({ body }: Pick<Answer, 'body'>) =>
  body.extensions?.goldgate as unknown as {
    readonly cost?: object
    readonly cache: string
    readonly explain: Explained
  }
const get = (url: string, headers: Record<string, string> = {}) => fast.gateway.app.inject({ url, headers })
const exported = (payload: object, headers: Record<string, string> = {}) =>
  fast.gateway.app.inject({ method: 'POST', url: '/export', headers, payload })

describe('a budget of bytes', () => {
  test('refuses a question before anything runs, and names the estimate and the budget', async () => {
    const { body } = await fast.ask(`{ ${days(3)} }`, {}, as('bytes2500'))
    expect(body.errors).toMatchObject([
      {
        message: expect.stringMatching(/would read 3000 bytes .* may read 2500 together/),
        path: ['days'],
        extensions: { code: 'BYTES_BUDGET_EXCEEDED', warehouse: 'billed', estimate: 3000, budget: 2500 },
      },
    ])
    expect(billed.readings).toEqual([])
  })

  test.each([true, false])('lets run what fits, and the answer says what it came to (fast lane: %s)', async (lane) => {
    const answer = await (lane ? fast : slow).ask(`{ ${days(2)} }`, {}, as('bytes2500'))
    expect(answer.body.errors).toBeUndefined()
    expect(goldgateOf(answer).cost).toEqual({ bytes: 2000, budget: 2500, read: 2000 })
  })

  test('is one for all statements of a request: fields, counts and relations', async () => {
    const codes = (query: string) => fast.codes(query, {}, as('bytes4500'))
    expect(await codes(`{ ${days(2, 'a')} ${days(3, 'b')} }`)).toEqual(['BYTES_BUDGET_EXCEEDED'])
    expect(await codes(`{ dailyRevenue(first: ${first}) { nodes { ${columns(4)} } totalCount } }`)).toEqual([
      'BYTES_BUDGET_EXCEEDED',
    ])
    // Nothing of what would have fitted alone.
    expect(billed.readings).toEqual([])
    const stock = (of: string) => `{ inventoryRisk(first: ${first}) { nodes { inventoryId productId source ${of} } } }`
    expect(await codes(stock(''))).toEqual([])
    billed.readings.length = 0
    billed.estimates.length = 0
    expect(await codes(stock('product { productName brand category }'))).toContain('BYTES_BUDGET_EXCEEDED')
    expect(billed.readings).toEqual([])
    expect(billed.estimates.map(({ sql }) => sql)).toEqual([expect.stringContaining('product_sales_performance')])
  })

  test('is not touched by what a cache answers, nor twice by equal statements', async () => {
    const ask = (query: string) => fast.ask(query, {}, as('bytes4500'))
    const query = `{ ${days(3, 'a')} ${days(3, 'b')} }`
    const before = await ask(query)
    expect(before.body.errors).toBeUndefined()
    expect(goldgateOf(before).cost).toEqual({ bytes: 3000, budget: 4500, read: 3000 })
    billed.estimates.length = 0
    // Not the same body, but the same statement.
    const other = await ask(`{ ${days(3, 'c')} }`)
    expect([other.body.errors, goldgateOf(other).cost]).toEqual([undefined, undefined])
    expect(goldgateOf(await ask(query)).cost).toBeUndefined()
    expect(billed.estimates).toEqual([])
  })

  test('stands behind its estimates: each statement is told in the warehouse to read no more', async () => {
    billed.underestimated = 2n
    const { body } = await fast.ask(`{ ${days(2)} }`, {}, as('bytes2500'))
    expect(body.errors).toMatchObject([{ extensions: { code: 'BYTES_BUDGET_EXCEEDED', warehouse: 'billed' } }])
    expect(JSON.stringify(body)).not.toContain('4000 bytes of 2500')
    billed.underestimated = 1n
    await fast.ask(`{ ${days(2)} }`, {}, as('bytes2500'))
    expect(billed.readings.map(({ options }) => options.maxBytesBilled)).toEqual([2500n])
  })

  test('holds for exports and stored operations', async () => {
    for (const url of ['/api/v1/revenue/daily?limit=2', '/api/v1/revenue/daily.csv', '/api/v1/revenue/daily.arrow']) {
      const refused = await get(url, as('bytes2500'))
      expect([url, refused.statusCode, refused.json().errors[0].extensions.code]).toEqual([
        ...[url, 400, 'BYTES_BUDGET_EXCEEDED'],
      ])
      expect(billed.readings).toEqual([])
      expect([url, (await get(url)).statusCode]).toEqual([url, 200])
      billed.readings.length = 0
    }
    const own = await exported({ query: `{ ${days(3)} }` }, as('bytes2500'))
    expect(own.json().errors[0].extensions.code).toBe('BYTES_BUDGET_EXCEEDED')
  })

  test('of an export is one for what stands beside its rows too', async () => {
    const stock = (product: string) =>
      exported({ query: `{ inventoryRisk { nodes { inventoryId ${product} } } }` }, as('bytes4500'))
    expect((await stock('productId')).statusCode).toBe(200)
    // Either statement alone would be within it.
    const refused = await stock('product { productName }')
    expect([refused.statusCode, refused.json().errors[0].extensions.code]).toEqual([400, 'BYTES_BUDGET_EXCEEDED'])
    expect(billed.estimates.slice(1).map(({ columns }) => columns.length)).toEqual([3, 3])
  })

  test('is nothing to a warehouse that does not bill by bytes', async () => {
    const elsewhere = { ...as('bytes2500'), 'x-goldgate-warehouse': 'postgres' }
    const answer = await fast.ask(`{ ${days(4)} }`, {}, elsewhere)
    expect([answer.body.errors, goldgateOf(answer).cost]).toEqual([undefined, undefined])
  })

  test('costs nobody an estimate who has none; the answer says what the warehouse says it has read', async () => {
    expect(goldgateOf(await fast.ask(`{ ${days(3, 'a')} ${days(2, 'b')} }`)).cost).toEqual({ read: 5000 })
    expect(billed.estimates).toEqual([])
  })

  test('lets nothing pass whose estimate cannot be had; the warehouse that stands in may answer', async () => {
    billed.silence = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'billed', 'gone')
    expect(await fast.codes(`{ ${days(1)} }`, {}, as('bytes2500'))).toEqual(['WAREHOUSE_UNAVAILABLE'])
    expect(await slow.codes(`{ ${days(1)} }`, {}, as('bytes2500'))).toEqual([])
    expect(billed.readings).toEqual([])
  })
})

describe.each([true, false])('x-goldgate-explain (fast lane: %s)', (lane) => {
  const ask = (query: string, variables = {}, headers: Record<string, string> = explain) =>
    (lane ? fast : slow).ask(query, variables, headers)

  test('answers with the statements and their estimates, and runs none', async () => {
    const variables = { from: '2024-01-02' }
    const question = `query Q($from: Date) {
      days: dailyRevenue(first: ${first}, where: { revenueDate: { gte: $from }, netRevenue: { gt: "1" } }) { nodes { source } totalCount }
      months: dailyRevenueBy(first: ${first}) { nodes { revenueDate(grain: MONTH) netRevenue } totals { netRevenue } }
    }`
    const answer = await ask(question, variables)
    expect([answer.status, answer.body.data, answer.body.errors]).toEqual([200, {}, undefined])
    expect(billed.readings).toEqual([])
    const ran = await ask(question, variables, {})
    const { explain: explained, cost, cache } = goldgateOf(answer)
    expect(explained.statements.map(({ sql }) => sql).sort()).toEqual(
      billed.readings.map(({ statement }) => statement.sql).sort(),
    )
    expect(explained.statements).toHaveLength(4)
    expect(explained.statements[0]).toMatchObject({
      ...{ warehouse: 'billed', build: 'b1', parameters: ['date', 'decimal(18,2)'] },
      bytes: 2000,
    })
    const sum = explained.statements.reduce((bytes, each) => bytes + (each.bytes ?? 0), 0)
    expect([cost, cache, explained.afterRows]).toEqual([{ bytes: sum }, 'off', []])
    expect(answer.text).not.toContain('2024-01-02')
    // Neither is it answered from a cache, nor put into one.
    billed.readings.length = 0
    expect((await ask(question, variables)).body.data).toEqual({})
    expect((await ask(question, variables, {})).body.data).toEqual(ran.body.data)
  })

  test('says which fields ask for more once rows are there', async () => {
    const query = `{
      stock: inventoryRisk { nodes { inventoryId product { productName } } edges { node { same: product { brand } } } }
      dailyRevenueBy(compareTo: { months: 1 }) { nodes { revenueDate(grain: MONTH) previous { netRevenue } } }
      parity { build }
    }`
    const { explain: explained } = goldgateOf(await ask(query))
    expect(explained.afterRows).toEqual(['dailyRevenueBy.previous', 'parity', 'stock.product'])
    expect(explained.statements).toHaveLength(2)
  })

  test('shows a role that does not see everything no SQL', async () => {
    const query =
      '{ dailyRevenue { nodes { revenueDate averageOrderValue } } dailyRevenueBy { nodes { averageOrderValue } } }'
    const bound = await ask(query, {}, { ...explain, ...as('bound') })
    expect(goldgateOf(bound).explain).toEqual({
      statements: [
        { warehouse: 'billed', build: 'b1', bytes: expect.any(Number) },
        { warehouse: 'billed', build: 'b1', bytes: expect.any(Number) },
      ],
      afterRows: [],
    })
    expect(bound.text).not.toMatch(/"other"|net_?revenue|SELECT/i)
    expect(goldgateOf(await ask(query, {}, { ...explain, ...as('few') })).explain.statements[0]?.sql).toMatch(/^SELECT/)
  })

  test('tells what a question would be refused with, but for the budget', async () => {
    const refused = async (query: string, variables = {}, headers: Record<string, string> = explain) => {
      const { status, body } = await ask(query, variables, headers)
      return [status, body.data, ...(body.errors ?? []).map(({ extensions }) => extensions.code)]
    }
    expect(await refused('{ dailyRevenue(first: 9999) { totalCount nodes { source } } }')).toEqual([
      ...[200, null, 'PAGE_TOO_LARGE'],
    ])
    expect(await refused('{ nothing }')).toEqual([400, undefined, 'GRAPHQL_VALIDATION_FAILED'])
    const typed = 'query ($from: Date) { dailyRevenue(where: { revenueDate: { gte: $from } }) { totalCount } }'
    expect(await refused(typed, { from: 'x' })).toEqual([400, undefined, 'BAD_USER_INPUT'])
    expect(await refused(`{ ${days(1)} }`, {}, { 'x-goldgate-explain': 'yes' })).toEqual([
      400,
      undefined,
      'BAD_REQUEST',
    ])
    const beyond = await ask(`{ ${days(3)} }`, {}, { ...explain, ...as('bytes2500') })
    expect([beyond.body.errors, goldgateOf(beyond).cost]).toEqual([undefined, { bytes: 3000, budget: 2500 }])
    billed.silence = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'billed', 'gone')
    expect(await refused(`{ ${days(1)} }`)).toEqual([200, null, 'WAREHOUSE_UNAVAILABLE'])
    expect(billed.readings).toEqual([])
    const logged = [...fast.logged, ...slow.logged].filter(({ message }) => message.includes('failed inside'))
    expect(logged).toEqual([])
  })

  test('tells the statements of a warehouse that does not estimate', async () => {
    const answer = await ask(`{ ${days(2)} }`, {}, { ...explain, 'x-goldgate-warehouse': 'postgres' })
    expect(goldgateOf(answer).explain.statements).toMatchObject([
      { warehouse: 'postgres', sql: expect.stringMatching(/^SELECT/), bytes: null },
    ])
    expect(goldgateOf(answer).cost).toBeUndefined()
  })
})

test('x-goldgate-explain works for stored operations and exports in every form, and no tag answers it', async () => {
  const url = '/api/v1/revenue/daily'
  const ran = await get(url, as('few'))
  const tag = { ...as('few'), 'if-none-match': String(ran.headers.etag) }
  expect((await get(url, tag)).statusCode).toBe(304)
  billed.readings.length = 0
  const told = async (of: string) => {
    const response = await get(of, { ...explain, ...tag })
    expect([of, response.statusCode, response.headers['cache-control']]).toEqual([of, 200, 'no-store'])
    expect(response.headers.etag).toBeUndefined()
    expect(response.json().data).toEqual({})
    return response.json().extensions.goldgate.explain.statements.map(({ sql }: { sql: string }) => /COUNT/.test(sql))
  }
  expect(await told(url)).toEqual([false])
  // The rows, and how many there are: this caller may not have more than five.
  for (const format of ['csv', 'ndjson', 'arrow']) expect(await told(`${url}.${format}`)).toEqual([false, true])
  const own = await exported({ query: `{ ${days(3)} }`, format: 'ndjson' }, explain)
  expect(own.json().extensions.goldgate.cost).toEqual({ bytes: 3000 })
  expect((await exported({ query: `{ ${days(3)} }` }, { 'x-goldgate-explain': 'yes' })).statusCode).toBe(400)
  expect(billed.readings).toEqual([])
})
