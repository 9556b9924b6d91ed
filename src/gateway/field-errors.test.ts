import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { Asked, codesOf } from '../../tests/fixtures/gateway/asked.js'
import { builds, openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { writeBuild } from '../../tests/fixtures/gateway/gold-rows.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { startGateway } from './listen.js'

let warehouses: TestWarehouses
let gateway: TestGateway
let asked: Asked

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(warehouses.both).start()
  asked = new Asked(gateway)
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const count = '{ dailyRevenue { totalCount } }'

describe('a field that fails says so with its code:', () => {
  test('one error for many rows, told twenty times, and how often more; another one is told all the same', async () => {
    const failing = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'duckdb', 'gone')
    warehouses.duckdb.before = async ({ statement }) => {
      if (
        !JSON.stringify(statement, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes(
          'product_sales',
        )
      )
        return
      throw failing
    }
    const aliases = Array.from({ length: 10 }, (_, i) => `p${i}: product { productName }`).join(' ')
    const { status, body } = await gateway.ask(
      `{ inventoryRisk(first: 3) { nodes { ${aliases} } } dailyRevenue(first: 1) { nodes { source } } }`,
    )
    const codes = (body.errors ?? []).map(({ extensions }) => extensions.code)
    expect([status, codes.length, new Set(codes.slice(0, -1))]).toEqual([200, 21, new Set(['WAREHOUSE_UNAVAILABLE'])])
    expect(body.errors?.at(-1)).toEqual({
      message: 'There are 10 more errors, which are left out.',
      extensions: { code: 'ERRORS_LEFT_OUT', errors: 10 },
    })
    expect(body.data).toMatchObject({ dailyRevenue: { nodes: [{ source: expect.any(String) }] } })
    asked.meet('ERRORS_LEFT_OUT')
  })

  test('an unknown warehouse, with those there are', async () => {
    for (const error of [
      await asked.failing('{ dailyRevenue(warehouse: "oracle") { totalCount } }'),
      await asked.failing(count, {}, { 'x-goldgate-warehouse': 'oracle' }),
      await asked.failing('{ dailyRevenue(warehouse: "") { totalCount } }'),
      await asked.failing('{ dailyRevenue(warehouse: "__proto__") { totalCount } }'),
    ]) {
      expect(error).toMatchObject({
        extensions: { code: 'WAREHOUSE_UNKNOWN', available: ['duckdb', 'postgres'] },
        path: ['dailyRevenue'],
        status: 200,
      })
      expect(error.message).toContain('duckdb, postgres')
    }
  })

  test('a warehouse that is down, with those that answer', async () => {
    warehouses.duckdb.failure = new WarehouseError(
      'WAREHOUSE_UNAVAILABLE',
      'duckdb',
      'connect ECONNREFUSED 10.1.2.3:5432',
    )
    expect(await asked.failing(count)).toMatchObject({
      extensions: { code: 'WAREHOUSE_UNAVAILABLE', warehouse: 'duckdb', available: ['postgres'] },
    })
    warehouses.postgres.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'postgres', 'gone')
    const error = await asked.failing(count)
    expect(error.extensions.available).toEqual([])
    expect(error.message).not.toContain('10.1.2.3')
    expect(JSON.stringify(gateway.logged)).toContain('10.1.2.3')
  })

  test('a statement that takes too long', async () => {
    const slow = await new TestGateway(new Map([['postgres', warehouses.postgres]])).start({
      limits: { statementTimeoutMs: 50 },
    })
    // The adapter's own timeout, on a statement that really sleeps.
    warehouses.postgres.before = async ({ statement }) => {
      Object.assign(statement, { sql: 'SELECT COUNT(*) AS "count" FROM (SELECT pg_sleep(30)) AS asleep' })
    }
    const begun = Date.now()
    const error = asked.errorOf(await slow.ask(count))
    expect(error).toMatchObject({ extensions: { code: 'STATEMENT_TIMEOUT', warehouse: 'postgres' } })
    expect(Date.now() - begun).toBeLessThan(10_000)
    await slow.gateway.close()
  })

  test('a warehouse whose memory is too small', async () => {
    warehouses.duckdb.failure = new WarehouseError('OUT_OF_MEMORY', 'duckdb', 'failed to allocate 32 MB at 0x7f')
    const error = await asked.failing(count)
    expect(error).toMatchObject({ extensions: { code: 'WAREHOUSE_OUT_OF_MEMORY', warehouse: 'duckdb' } })
    expect(error.message).not.toContain('0x7f')
    expect(JSON.stringify(gateway.logged)).toContain('0x7f')
  })

  test('a sum that is larger than the warehouse can hold', async () => {
    for (const warehouse of [warehouses.duckdb, warehouses.postgres]) {
      warehouse.before = async ({ statement }) => {
        Object.assign(statement, {
          sql: 'SELECT CAST(SUM(x) AS BIGINT) AS "count" FROM (SELECT CAST(9000000000000000000 AS BIGINT) AS x UNION ALL SELECT 9000000000000000000) AS two',
        })
      }
      const error = await asked.failing(count.replace('dailyRevenue', `dailyRevenue(warehouse: "${warehouse.name}")`))
      expect(error).toMatchObject({ extensions: { code: 'NUMBER_OUT_OF_RANGE', warehouse: warehouse.name } })
    }
  })

  test('nothing published, an unknown build, an unreachable control database', async () => {
    const empty = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
      catalog: { published: async () => new Map(), retained: async () => undefined },
    })
    expect(asked.errorOf(await empty.ask(count))).toMatchObject({
      extensions: { code: 'NOT_PUBLISHED', warehouse: 'duckdb' },
      message: expect.stringContaining('goldgate run'),
    })
    await empty.gateway.close()
    for (const build of ['b9', '', "b1'; --", 'b1\0', 'x'.repeat(5000)]) {
      const error = await asked.failing('query ($build: String) { dailyRevenue(build: $build) { totalCount } }', {
        build,
      })
      expect(error.extensions.code).toBe('BUILD_UNKNOWN')
      expect(error.message.length).toBeLessThan(300)
    }
    gateway.catalog.failure = new Error('password authentication failed for user "goldgate"')
    const error = await asked.failing(count)
    expect(error.extensions).toEqual({ code: 'CONTROL_DATABASE_UNAVAILABLE' })
    expect(error.message).not.toContain('password')
  })

  test('a published build whose tables somebody dropped', async () => {
    gateway.catalog.publish('duckdb', { buildId: 'b8', tag: 'b8_dropped' })
    const error = await asked.failing(count)
    expect(error.extensions).toEqual({ code: 'BUILD_LOST', warehouse: 'duckdb', build: 'b8' })
  })

  test.each(['duckdb', 'postgres'] as const)('a build in %s that is older than a column', async (name) => {
    const older = { buildId: 'b0', tag: 'b0_1' }
    const models = goldModels.map((model) => ({
      ...model,
      columns: model.columns.filter((column) => column.name !== 'weekday'),
    }))
    await writeBuild(warehouses[name], older, {}, models)
    gateway.catalog.publish(name, older)
    const of = (field: string) => `{ factSalesBy(warehouse: "${name}") { nodes { ${field} totalOrders } } }`
    const error = await asked.failing(of('weekday'))
    expect(error.extensions).toEqual({ code: 'BUILD_OUTDATED', warehouse: name, build: 'b0' })
    expect(error.message).toContain('goldgate run')
    expect(await gateway.codes(of('channel'))).toEqual([])
  })

  test('cursors that are garbage, of another question, or of a dropped build', async () => {
    const query = 'query ($after: String) { dailyRevenue(first: 2, after: $after) { pageInfo { endCursor } } }'
    const { dailyRevenue } = await gateway.data<{ dailyRevenue: { pageInfo: { endCursor: string } } }>(query)
    const after = dailyRevenue.pageInfo.endCursor
    for (const garbage of ['', 'x', `${after}x`, after.slice(0, -4), 'null', '💣']) {
      expect((await asked.failing(query, { after: garbage })).extensions.code).toBe('CURSOR_INVALID')
    }
    for (const other of [
      'dailyRevenue(after: $after, where: { source: { eq: "demo" } })',
      'dailyRevenue(after: $after, orderBy: [{ field: SOURCE }])',
      'inventoryRisk(after: $after)',
    ]) {
      expect(
        (await asked.failing(`query ($after: String) { ${other} { pageInfo { endCursor } } }`, { after })).extensions
          .code,
      ).toBe('CURSOR_MISMATCH')
    }
    gateway.catalog.publish('duckdb', builds.second)
    gateway.catalog.drop('duckdb', 'b1')
    expect((await asked.failing(query, { after })).extensions).toMatchObject({
      code: 'CURSOR_EXPIRED',
      warehouse: 'duckdb',
    })
  })

  test.each([
    ['dailyRevenue(first: 1001)', 'PAGE_TOO_LARGE'],
    ['dailyRevenue(last: 2147483647)', 'PAGE_TOO_LARGE'],
    ['dailyRevenue(first: -1)', 'PAGE_ARGUMENTS_INVALID'],
    ['dailyRevenue(first: 1, last: 1)', 'PAGE_ARGUMENTS_INVALID'],
    ['dailyRevenue(after: "a", before: "b")', 'PAGE_ARGUMENTS_INVALID'],
    ['dailyRevenue(where: { netRevenue: { eq: null } })', 'FILTER_INVALID'],
    ['dailyRevenue(where: { or: [] })', 'FILTER_INVALID'],
    ['dailyRevenue(where: { not: {} })', 'FILTER_INVALID'],
    [`dailyRevenue(where: ${'{ not: '.repeat(20)}{ source: { eq: "a" } }${' }'.repeat(20)})`, 'FILTER_TOO_LARGE'],
    ['dailyRevenue(orderBy: [{ field: SOURCE }, { field: SOURCE, direction: DESC }])', 'ORDER_INVALID'],
  ])('%s', async (field, code) => {
    const error = await asked.failing(`{ ${field} { totalCount nodes { source } } }`)
    expect(error).toMatchObject({ extensions: { code }, path: [field.split('(')[0]] })
    expect(warehouses.duckdb.readings).toEqual([])
  })

  test.each([
    ['a: nodes { source } b: nodes { source revenueDate }', 'AMBIGUOUS_GROUPING'],
    ['nodes { source netRevenue(as: RUNNING) }', 'RUNNING_NEEDS_DATE'],
    ['nodes { source previous { netRevenue } }', 'COMPARISON_INVALID'],
    ['nodes { source netRevenue }', 'FILL_NEEDS_DATE'],
  ])('dailyRevenueBy { %s }', async (selection, code) => {
    const args = code === 'FILL_NEEDS_DATE' ? '(fill: true)' : ''
    const error = await asked.failing(`{ dailyRevenueBy${args} { ${selection} } }`)
    expect(error).toMatchObject({ extensions: { code }, path: ['dailyRevenueBy'] })
    expect(warehouses.duckdb.readings).toEqual([])
  })

  test('a list of values that is too long for one statement', async () => {
    const list = Array.from({ length: 5001 }, (_, i) => `s${i}`)
    const query = 'query ($list: [String!]) { dailyRevenue(where: { source: { in: $list } }) { totalCount } }'
    expect((await asked.failing(query, { list })).extensions.code).toBe('FILTER_TOO_LARGE')
    expect(await gateway.codes(query, { list: list.slice(1) })).toEqual([])
  })

  test('an integer beyond 2^53', async () => {
    const error = await asked.failing('{ inventoryRisk { nodes { stockQuantity } } }')
    expect(error.extensions.code).toBe('INTEGER_OUT_OF_RANGE')
  })

  test('a statement that would be billed for more than the warehouse may be', async () => {
    warehouses.duckdb.failure = new WarehouseError('TOO_MANY_BYTES', 'duckdb', 'Query exceeded limit for bytes billed')
    const error = await asked.failing(count)
    expect(error.extensions).toEqual({ code: 'BYTES_BUDGET_EXCEEDED', warehouse: 'duckdb' })
    expect(error.message).not.toContain('Query exceeded')
  })

  test('a client that went away', async () => {
    warehouses.duckdb.failure = new WarehouseError('CANCELLED', 'duckdb', 'INTERRUPT Error')
    expect((await asked.failing(count)).extensions).toEqual({ code: 'CANCELLED' })
  })

  test('anything else, under a reference that the log has too', async () => {
    for (const failure of [
      new WarehouseError('WAREHOUSE_ERROR', 'duckdb', 'Catalog Error: secret table'),
      new TypeError('secret of x'),
    ]) {
      gateway.logged.length = 0
      warehouses.duckdb.failure = failure
      const error = await asked.failing(count)
      expect(error.extensions).toEqual({ code: 'INTERNAL_ERROR', reference: expect.stringMatching(/^[0-9a-f-]{36}$/) })
      expect(JSON.stringify(error)).not.toContain('secret')
      expect(gateway.logged.filter(({ level }) => level === 'error')).toMatchObject([
        {
          level: 'error',
          fields: { reference: error.extensions.reference, error: failure.message, path: 'dailyRevenue' },
        },
      ])
    }
  })
})

test('a statement ends when its client goes away', async () => {
  const { url, close } = await startGateway({
    warehouses: gateway.warehouses,
    defaultWarehouse: 'duckdb',
    catalog: gateway.catalog,
    introspection: true,
    landingPage: false,
    logger: { info() {}, warn() {}, error() {} },
    host: '127.0.0.1',
    port: 0,
  })
  const client = new AbortController()
  const aborted = new Promise<void>((resolve) => {
    warehouses.duckdb.before = async ({ options }) => {
      options.signal?.addEventListener('abort', () => resolve())
      client.abort()
      await Promise.race([aborted, sleep(10_000)])
    }
  })
  const request = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: count }),
    signal: client.signal,
  })
  await expect(request).rejects.toThrow('abort')
  await aborted
  await close()
})

test('every such code of the catalogue has been met', () => {
  expect(asked.codesMet()).toEqual(codesOf(['answer']))
})
