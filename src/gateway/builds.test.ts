import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { builds, openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  const { duckdb, postgres } = warehouses
  gateway = await new TestGateway(
    new Map([
      ['duckdb', duckdb],
      ['postgres', postgres],
    ]),
  ).start()
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

interface Rows {
  readonly nodes: readonly { readonly netRevenue: string }[]
  readonly pageInfo: { readonly endCursor: string }
}

/** The amounts of each build end in its number of cents. */
const buildOf = ({ nodes }: Rows): string =>
  [...new Set(nodes.map((node) => `b${Number(node.netRevenue.slice(-2))}`))].join()
const rows = '{ nodes { netRevenue } pageInfo { endCursor } }'

test('every field of a request reads one build, whatever is published meanwhile', async () => {
  let reads = 0
  warehouses.duckdb.before = async () => {
    // As a runner would: right when the first statement is on its way.
    if (reads++ === 0) gateway.catalog.publish('duckdb', builds.second)
  }
  const query = `{ a: dailyRevenue ${rows} b: dailyRevenue(first: 3) ${rows} c: dailyRevenue(last: 3) ${rows} d: executiveKpis { totalCount } }`
  const first = await gateway.data<Record<string, Rows>>(query)
  expect(['a', 'b', 'c'].map((alias) => buildOf(first[alias] as Rows))).toEqual(['b1', 'b1', 'b1'])
  expect(gateway.catalog.pointerReads).toEqual([['duckdb']])
  const second = await gateway.data<Record<string, Rows>>(query)
  expect(buildOf(second.a as Rows)).toBe('b2')
})

test('two warehouses in one request are read by alias, their pointers in one read', async () => {
  gateway.catalog.publish('postgres', builds.second)
  const { body } = await gateway.ask(
    `{ d: dailyRevenue ${rows} p: dailyRevenue(warehouse: "postgres") ${rows} p2: dailyRevenue(warehouse: "postgres", first: 1) ${rows} }`,
  )
  const data = body.data as Record<string, Rows>
  expect(['d', 'p', 'p2'].map((alias) => buildOf(data[alias] as Rows))).toEqual(['b1', 'b2', 'b2'])
  expect(gateway.catalog.pointerReads).toHaveLength(1)
  expect([...(gateway.catalog.pointerReads[0] ?? [])].sort()).toEqual(['duckdb', 'postgres'])
  expect(body.extensions?.goldgate.builds.map(({ warehouse, build }) => [warehouse, build])).toEqual([
    ['duckdb', 'b1'],
    ['postgres', 'b2'],
  ])
})

test('the warehouse is the argument, else the header, else the default', async () => {
  const asked = async (argument: string, headers: Record<string, string>) => {
    const { body } = await gateway.ask(`{ dailyRevenue${argument} { totalCount } }`, {}, headers)
    return body.extensions?.goldgate.builds.map(({ warehouse }) => warehouse)
  }
  const header = { 'x-goldgate-warehouse': 'postgres' }
  expect(await asked('', {})).toEqual(['duckdb'])
  expect(await asked('', header)).toEqual(['postgres'])
  expect(await asked('(warehouse: "duckdb")', header)).toEqual(['duckdb'])
  expect(await asked('(warehouse: null)', header)).toEqual(['postgres'])
})

test('extensions.goldgate says what was read, with the least of the dates', async () => {
  gateway.catalog.publish('duckdb', builds.first, {
    publishedAt: '2024-06-01T10:00:00.000Z',
    dataThrough: { demo: '2024-05-31', other: '2023-12-31' },
    gate: 'failed',
    stale: true,
    held: true,
  })
  const { body } = await gateway.ask('{ dailyRevenue { totalCount } }')
  expect(body.extensions).toEqual({
    goldgate: {
      builds: [
        {
          warehouse: 'duckdb',
          build: 'b1',
          publishedAt: '2024-06-01T10:00:00.000Z',
          dataThrough: '2023-12-31',
          dataThroughBySource: { demo: '2024-05-31', other: '2023-12-31' },
          gate: 'failed',
          stale: true,
          held: true,
        },
      ],
      truncated: false,
      cache: 'off',
    },
  })
})

test('extensions.goldgate names no warehouse that was not read, and stands beside errors too', async () => {
  const none = await gateway.ask('{ dailyRevenue { __typename } }')
  expect(none.body.extensions?.goldgate.builds).toEqual([])
  gateway.catalog.publish('duckdb', builds.first, { dataThrough: {} })
  const failed = await gateway.ask('{ inventoryRisk { nodes { stockQuantity } } }')
  expect(failed.body.errors).toHaveLength(1)
  expect(failed.body.extensions?.goldgate.builds).toMatchObject([
    { warehouse: 'duckdb', build: 'b1', dataThrough: null },
  ])
  const invalid = await gateway.ask('{ nothing }')
  expect(invalid.body.extensions).toEqual({ goldgate: { builds: [], truncated: false, cache: 'off' } })
})

test('`build` reads a retained build, and both are named', async () => {
  const { body } = await gateway.ask(`{ now: dailyRevenue ${rows} then: dailyRevenue(build: "b2") ${rows} }`)
  const data = body.data as Record<string, Rows>
  expect([buildOf(data.now as Rows), buildOf(data.then as Rows)]).toEqual(['b1', 'b2'])
  expect(body.extensions?.goldgate.builds.map(({ build }) => build)).toEqual(['b1', 'b2'])
})

test('a cursor goes on in its own build after a publish, and ends when the build is dropped', async () => {
  const { dailyRevenue } = await gateway.data<{ dailyRevenue: Rows }>(`{ dailyRevenue(first: 5) ${rows} }`)
  const after = dailyRevenue.pageInfo.endCursor
  gateway.catalog.publish('duckdb', builds.second)
  const query = `query ($after: String) { old: dailyRevenue(first: 5, after: $after) ${rows} new: dailyRevenue(first: 5) ${rows} }`
  const data = await gateway.data<Record<string, Rows>>(query, { after })
  expect([buildOf(data.old as Rows), buildOf(data.new as Rows)]).toEqual(['b1', 'b2'])
  gateway.catalog.drop('duckdb', 'b1')
  expect(await gateway.codes(query, { after })).toEqual(['CURSOR_EXPIRED'])
})

test('a cursor of one warehouse is good in another that holds its build', async () => {
  const query = `query ($after: String, $in: String) { dailyRevenue(first: 5, after: $after, warehouse: $in) { nodes { source revenueDate } pageInfo { endCursor } } }`
  const first = await gateway.data<{ dailyRevenue: Rows }>(query)
  const after = first.dailyRevenue.pageInfo.endCursor
  const here = await gateway.data(query, { after, in: 'duckdb' })
  const there = await gateway.data(query, { after, in: 'postgres' })
  expect(there).toEqual(here)
})

test('the cursor’s build may be named, another one may not', async () => {
  const { dailyRevenue } = await gateway.data<{ dailyRevenue: Rows }>(`{ dailyRevenue(first: 5) ${rows} }`)
  const after = dailyRevenue.pageInfo.endCursor
  const query = `query ($after: String, $build: String) { dailyRevenue(first: 5, after: $after, build: $build) ${rows} }`
  expect(await gateway.codes(query, { after, build: 'b1' })).toEqual([])
  expect(await gateway.codes(query, { after, build: 'b2' })).toEqual(['CURSOR_MISMATCH'])
})

test.each(['duckdb', 'postgres'])('a build whose tables somebody dropped in %s has a code of its own', async (name) => {
  const lost = { ...builds.second, buildId: 'b9', tag: 'b9_dropped', warehouse: name }
  gateway.catalog.publish(name, lost)
  const { body } = await gateway.ask(`{ dailyRevenue(warehouse: "${name}", build: "b9") ${rows} }`)
  expect(body.errors?.[0]).toMatchObject({
    message: expect.stringContaining('no longer has all tables of build b9'),
    extensions: { code: 'BUILD_LOST', warehouse: name, build: 'b9' },
  })
  const published = await gateway.ask(`{ dailyRevenue(warehouse: "${name}") ${rows} }`)
  expect(published.body.errors?.[0]?.extensions).toMatchObject({ code: 'BUILD_LOST' })
})

test('a warehouse that refuses every statement has lost no build', async () => {
  warehouses.duckdb.failure = new WarehouseError('WAREHOUSE_ERROR', 'duckdb', 'out of memory')
  const { body } = await gateway.ask(`{ dailyRevenue ${rows} }`)
  expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL_ERROR' })
})
