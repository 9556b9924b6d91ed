import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { builds, openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  const { duckdb, postgres } = warehouses
  const both = new Map([
    ['duckdb', duckdb],
    ['postgres', postgres],
  ])
  gateway = await new TestGateway(both).start({ fallback: { duckdb: 'postgres' } })
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const down = (name: string) => new WarehouseError('WAREHOUSE_UNAVAILABLE', name, 'gone')
const goldgate = async (query: string, variables?: Record<string, unknown>) => {
  const { body } = await gateway.ask(query, variables)
  const read = body.extensions?.goldgate as { builds: Record<string, unknown>[]; fallbacks?: unknown } | undefined
  const codes = body.errors?.map((error) => error.extensions)
  return { data: body.data, codes, builds: read?.builds.map((b) => [b.warehouse, b.build]), fallbacks: read?.fallbacks }
}
const query = '{ dailyRevenue(first: 2) { nodes { netRevenue } pageInfo { endCursor } totalCount } }'

test('a warehouse that answers needs no other, and the answer speaks of none', async () => {
  const { builds: read, fallbacks } = await goldgate(query)
  expect(read).toEqual([['duckdb', 'b1']])
  expect(fallbacks).toBeUndefined()
})

test('the fallback answers from the same build where it has it, although it has published a newer one', async () => {
  const before = await goldgate(query)
  gateway.catalog.publish('postgres', builds.second)
  warehouses.duckdb.failure = down('duckdb')
  const { data, codes, builds: read, fallbacks } = await goldgate(query)
  expect(codes).toBeUndefined()
  expect(data).toEqual(before.data)
  expect(read).toEqual([['postgres', 'b1']])
  expect(fallbacks).toEqual([{ asked: 'duckdb', answered: 'postgres', build: 'b1', sameBuild: true }])
})

test('without the same build it answers from its own, and says so', async () => {
  gateway.catalog.publish('duckdb', builds.second)
  gateway.catalog.drop('postgres', 'b2')
  warehouses.duckdb.failure = down('duckdb')
  const { codes, builds: read, fallbacks } = await goldgate(query)
  expect(codes).toBeUndefined()
  expect(read).toEqual([['postgres', 'b1']])
  expect(fallbacks).toEqual([{ asked: 'duckdb', answered: 'postgres', build: 'b1', sameBuild: false }])
})

test('the next page comes from the build of its cursor or not at all', async () => {
  const first = (await goldgate(query)).data?.dailyRevenue as { pageInfo: { endCursor: string } }
  const next = `query ($after: String) { dailyRevenue(first: 2, after: $after) { nodes { netRevenue } } }`
  const variables = { after: first.pageInfo.endCursor }
  const whole = await goldgate(next, variables)
  warehouses.duckdb.failure = down('duckdb')
  gateway.catalog.publish('postgres', builds.second)
  const paged = await goldgate(next, variables)
  expect(paged.data).toEqual(whole.data)
  expect(paged.builds).toEqual([['postgres', 'b1']])
  gateway.catalog.drop('postgres', 'b1')
  const refused = await goldgate(next, variables)
  expect(refused.codes).toEqual([{ code: 'WAREHOUSE_UNAVAILABLE', warehouse: 'duckdb', available: ['postgres'] }])
})

test('a build that was asked for is never replaced by another one', async () => {
  gateway.catalog.drop('postgres', 'b2')
  warehouses.duckdb.failure = down('duckdb')
  const { codes } = await goldgate('{ dailyRevenue(build: "b2") { totalCount } }')
  expect(codes).toEqual([{ code: 'WAREHOUSE_UNAVAILABLE', warehouse: 'duckdb', available: ['postgres'] }])
})

test('a warehouse without a fallback, and one whose fallback is down too, is a clear error', async () => {
  warehouses.postgres.failure = down('postgres')
  const alone = await goldgate('{ dailyRevenue(warehouse: "postgres") { totalCount } }')
  expect(alone.codes).toEqual([{ code: 'WAREHOUSE_UNAVAILABLE', warehouse: 'postgres', available: ['duckdb'] }])
  warehouses.duckdb.failure = down('duckdb')
  const both = await goldgate(query)
  expect(both.codes).toEqual([{ code: 'WAREHOUSE_UNAVAILABLE', warehouse: 'duckdb', available: [] }])
  expect(both.fallbacks).toBeUndefined()
})

test('only a warehouse that does not answer is replaced', async () => {
  warehouses.duckdb.failure = new WarehouseError('STATEMENT_TIMEOUT', 'duckdb', 'too slow')
  const { codes } = await goldgate(query)
  expect(codes).toEqual([{ code: 'STATEMENT_TIMEOUT', warehouse: 'duckdb' }])
  expect(warehouses.postgres.readings).toEqual([])
})
