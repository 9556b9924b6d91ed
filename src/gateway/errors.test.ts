import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { errorCatalogue } from '../../resolvers/index.js'
import {
  type Answer,
  builds,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../tests/fixtures/gateway/gateway.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { startGateway } from './gateway.js'

let warehouses: TestWarehouses
let gateway: TestGateway
/** Codes that a client got from outside; the last test wants all of them. */
const met = new Set<unknown>()

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(
    new Map([
      ['duckdb', warehouses.duckdb],
      ['postgres', warehouses.postgres],
    ]),
  ).start({ limits: { bodyBytes: 200_000 } })
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const count = '{ dailyRevenue { totalCount } }'

/** The single error of an answer. */
function errorOf({ body, text }: Answer) {
  const [error, ...more] = body.errors ?? []
  if (!error || more.length > 0) throw new Error(`Not one error: ${text}`)
  met.add(error.extensions.code)
  expect(text).not.toMatch(/stacktrace|node_modules|\.ts:|\.js:/)
  return error
}
async function failing(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>) {
  const answer = await gateway.ask(query, variables, headers)
  return { ...errorOf(answer), status: answer.status, data: answer.body.data }
}

describe('a field that fails says so with its code:', () => {
  test('an unknown warehouse, with those there are', async () => {
    for (const error of [
      await failing('{ dailyRevenue(warehouse: "oracle") { totalCount } }'),
      await failing(count, {}, { 'x-goldgate-warehouse': 'oracle' }),
      await failing('{ dailyRevenue(warehouse: "") { totalCount } }'),
      await failing('{ dailyRevenue(warehouse: "__proto__") { totalCount } }'),
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
    expect(await failing(count)).toMatchObject({
      extensions: { code: 'WAREHOUSE_UNAVAILABLE', warehouse: 'duckdb', available: ['postgres'] },
    })
    warehouses.postgres.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'postgres', 'gone')
    const error = await failing(count)
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
    const error = errorOf(await slow.ask(count))
    expect(error).toMatchObject({ extensions: { code: 'STATEMENT_TIMEOUT', warehouse: 'postgres' } })
    expect(Date.now() - begun).toBeLessThan(10_000)
    await slow.gateway.close()
  })

  test('nothing published, an unknown build, an unreachable control database', async () => {
    const empty = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
      catalog: { published: async () => new Map(), retained: async () => undefined },
    })
    expect(errorOf(await empty.ask(count))).toMatchObject({
      extensions: { code: 'NOT_PUBLISHED', warehouse: 'duckdb' },
      message: expect.stringContaining('goldgate run'),
    })
    await empty.gateway.close()
    for (const build of ['b9', '', "b1'; --", 'b1\0', 'x'.repeat(5000)]) {
      const error = await failing('query ($build: String) { dailyRevenue(build: $build) { totalCount } }', { build })
      expect(error.extensions.code).toBe('BUILD_UNKNOWN')
      expect(error.message.length).toBeLessThan(300)
    }
    gateway.catalog.failure = new Error('password authentication failed for user "goldgate"')
    const error = await failing(count)
    expect(error.extensions).toEqual({ code: 'CONTROL_DATABASE_UNAVAILABLE' })
    expect(error.message).not.toContain('password')
  })

  test('cursors that are garbage, of another question, or of a dropped build', async () => {
    const query = 'query ($after: String) { dailyRevenue(first: 2, after: $after) { pageInfo { endCursor } } }'
    const { dailyRevenue } = await gateway.data<{ dailyRevenue: { pageInfo: { endCursor: string } } }>(query)
    const after = dailyRevenue.pageInfo.endCursor
    for (const garbage of ['', 'x', `${after}x`, after.slice(0, -4), 'null', '💣']) {
      expect((await failing(query, { after: garbage })).extensions.code).toBe('CURSOR_INVALID')
    }
    for (const other of [
      'dailyRevenue(after: $after, where: { source: { eq: "demo" } })',
      'dailyRevenue(after: $after, orderBy: [{ field: SOURCE }])',
      'inventoryRisk(after: $after)',
    ]) {
      expect(
        (await failing(`query ($after: String) { ${other} { pageInfo { endCursor } } }`, { after })).extensions.code,
      ).toBe('CURSOR_MISMATCH')
    }
    gateway.catalog.publish('duckdb', builds.second)
    gateway.catalog.drop('duckdb', 'b1')
    expect((await failing(query, { after })).extensions).toMatchObject({ code: 'CURSOR_EXPIRED', warehouse: 'duckdb' })
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
    const error = await failing(`{ ${field} { totalCount nodes { source } } }`)
    expect(error).toMatchObject({ extensions: { code }, path: [field.split('(')[0]] })
    expect(warehouses.duckdb.readings).toEqual([])
  })

  test('a list of values that is too long for one statement', async () => {
    const list = Array.from({ length: 5001 }, (_, i) => `s${i}`)
    const query = 'query ($list: [String!]) { dailyRevenue(where: { source: { in: $list } }) { totalCount } }'
    expect((await failing(query, { list })).extensions.code).toBe('FILTER_TOO_LARGE')
    expect(await gateway.codes(query, { list: list.slice(1) })).toEqual([])
  })

  test('an integer beyond 2^53', async () => {
    const error = await failing('{ inventoryRisk { nodes { stockQuantity } } }')
    expect(error.extensions.code).toBe('INTEGER_OUT_OF_RANGE')
  })

  test('a client that went away', async () => {
    warehouses.duckdb.failure = new WarehouseError('CANCELLED', 'duckdb', 'INTERRUPT Error')
    expect((await failing(count)).extensions).toEqual({ code: 'CANCELLED' })
  })

  test('anything else, under a reference that the log has too', async () => {
    for (const failure of [
      new WarehouseError('WAREHOUSE_ERROR', 'duckdb', 'Catalog Error: secret table'),
      new TypeError('secret of x'),
    ]) {
      gateway.logged.length = 0
      warehouses.duckdb.failure = failure
      const error = await failing(count)
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

describe('a request that cannot be answered is refused before anything is read:', () => {
  const refused = async (query: string, variables?: Record<string, unknown>) => {
    const error = await failing(query, variables)
    expect(warehouses.duckdb.readings).toEqual([])
    expect(gateway.catalog.pointerReads).toEqual([])
    return [error.extensions.code, error.status]
  }

  test('5,000 aliases', async () => {
    const many = (n: number) => `{ ${Array.from({ length: n }, (_, i) => `a${i}: __typename`).join(' ')} }`
    expect(await refused(many(5000))).toEqual(['QUERY_TOO_LARGE', 400])
    expect(await refused(many(40))).toEqual(['QUERY_TOO_LARGE', 400])
    const columns = (n: number) =>
      `{ dailyRevenue { nodes { ${Array.from({ length: n }, (_, i) => `a${i}: source`).join(' ')} } } }`
    expect(await refused(columns(31))).toEqual(['QUERY_TOO_LARGE', 400])
    expect(await gateway.codes(columns(30))).toEqual([])
  })

  test('21 root fields', async () => {
    expect(await refused(`{ ${'dailyRevenue { totalCount } '.repeat(21)} }`)).toEqual(['QUERY_TOO_LARGE', 400])
  })

  test('depth 50, in fields and in variables', async () => {
    const inFragments = Array.from(
      { length: 50 },
      (_, i) => `fragment F${i} on DailyRevenueConnection { edges { node { source } } ...F${i + 1} }`,
    ).join(' ')
    expect(
      await refused(`{ dailyRevenue { ${'edges { node { '.repeat(25)} source ${'} } '.repeat(25)} } }`).catch(
        () => 'several',
      ),
    ).toBe('several')
    const { body } = await gateway.ask(
      `{ dailyRevenue { ${'edges { node { '.repeat(25)} source ${'} } '.repeat(25)} } }`,
    )
    expect(body.errors?.map((error) => error.extensions.code)).toContain('QUERY_TOO_DEEP')
    expect(
      await gateway.codes(
        `{ dailyRevenue { ...F0 } } ${inFragments} fragment F50 on DailyRevenueConnection { totalCount }`,
      ),
    ).toEqual([])
    let where: unknown = { source: { eq: 'a' } }
    for (let i = 0; i < 50; i++) where = { not: where }
    gateway.reset()
    expect(
      await refused('query ($where: DailyRevenueWhere) { dailyRevenue(where: $where) { totalCount } }', { where }),
    ).toEqual(['QUERY_TOO_DEEP', 400])
  })

  test('nesting that would use up the stack of whoever reads it', async () => {
    const fields = `${'{ a '.repeat(1300)}${'}'.repeat(1300)}`
    const values = `{ dailyRevenue(where: ${'{not:'.repeat(990)}{}${'}'.repeat(990)}) { totalCount } }`
    const lists = `{ dailyRevenue(orderBy: ${'['.repeat(1900)}${']'.repeat(1900)}) { totalCount } }`
    for (const query of [fields, values, lists]) {
      const { body } = await gateway.ask(query)
      for (const { extensions } of body.errors ?? []) expect(extensions.code).not.toBe('INTERNAL_ERROR')
      expect(body.errors?.length).toBeGreaterThan(0)
    }
    const deep = `{"query": ${JSON.stringify('query ($where: DailyRevenueWhere) { dailyRevenue(where: $where) { totalCount } }')}, "variables": {"where": ${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}}}`
    expect(errorOf(await gateway.send(deep)).extensions.code).toBe('QUERY_TOO_DEEP')
    expect(gateway.logged.filter(({ level }) => level !== 'debug')).toEqual([])
  })

  test('a body that is too large, no JSON, no query, a batch, or none of GraphQL', async () => {
    const huge = await gateway.send(JSON.stringify({ query: count, variables: { x: 'x'.repeat(200_000) } }))
    expect([huge.status, errorOf(huge).extensions.code]).toEqual([413, 'REQUEST_TOO_LARGE'])
    for (const payload of [
      '{',
      '',
      '[]',
      '{}',
      'null',
      '{"query": 7}',
      '{"query": ""}',
      `[{"query": "${count}"}]`,
      '{"query": "{ __typename }", "variables": "x"}',
      '{"query": "{ __typename }", "variables": {"__proto__": 1}}',
    ]) {
      const answer = await gateway.send(payload)
      expect([payload, answer.status, errorOf(answer).extensions.code]).toEqual([payload, 400, 'BAD_REQUEST'])
    }
    const form = await gateway.send('query=x', { 'content-type': 'application/x-www-form-urlencoded' })
    expect([form.status, errorOf(form).extensions.code]).toEqual([415, 'BAD_REQUEST'])
  })

  test.each([
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(where: { netRevenue: { eq: true } }) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(where: { netRevenue: { eq: "1e3" } }) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(where: { revenueDate: { eq: "2024-02-30" } }) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(where: { revenueDate: { contains: "2024" } }) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(first: "10") { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(first: 99999999999) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ dailyRevenue(orderBy: [{ field: revenueDate }]) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('%s', async (query, code) => {
    expect(await refused(query)).toEqual([code, 400])
  })

  test.each<[string, unknown]>([
    ['Decimal', Number.MAX_VALUE],
    ['Decimal', {}],
    ['Decimal', 'NaN'],
    ['SafeInt', 2 ** 53],
    ['SafeInt', '1'],
    ['Date', '2023-02-29'],
    ['Timestamp', '2024-01-01'],
    ['StockStatus', 'out_of_stock'],
    ['Boolean', 'true'],
  ])('a variable of type %s with the value %j', async (type, value) => {
    const field = {
      Decimal: 'estimatedStockValue',
      SafeInt: 'stockQuantity',
      Date: '',
      Timestamp: 'lastUpdatedAt',
      StockStatus: 'stockStatus',
      Boolean: 'region',
    }[type] as string
    const condition = type === 'Boolean' ? 'isNull' : 'eq'
    const query =
      type === 'Date'
        ? `query ($v: Date!) { dailyRevenue(where: { revenueDate: { eq: $v } }) { totalCount } }`
        : `query ($v: ${type}!) { inventoryRisk(where: { ${field}: { ${condition}: $v } }) { totalCount } }`
    expect(await refused(query, { v: value })).toEqual(['BAD_USER_INPUT', 400])
  })

  test('an argument that turns out null where it may not be', async () => {
    const query = 'query ($f: DailyRevenueField = SOURCE) { dailyRevenue(orderBy: [{ field: $f }]) { totalCount } }'
    expect(await gateway.codes(query)).toEqual([])
    expect((await failing(query, { f: null })).extensions.code).toBe('BAD_USER_INPUT')
  })

  test('a persisted query', async () => {
    const answer = await gateway.send(
      JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
    )
    expect(errorOf(answer).extensions.code).toBe('PERSISTED_QUERY_NOT_SUPPORTED')
  })

  test('an unknown path, a foreign host, a request that a form of another page could send', async () => {
    const { app } = gateway.gateway
    const path = await app.inject({ url: '/secret?token=x' })
    expect(path.statusCode).toBe(404)
    expect(path.json().errors[0].extensions.code).toBe('NOT_FOUND')
    met.add('NOT_FOUND')
    for (const url of ['/graphql', '/health/ready', '/graphql?query={__typename}']) {
      const host = await app.inject({ url, headers: { host: 'rebound.example.com:4000' } })
      expect([host.statusCode, host.json().errors[0].extensions.code]).toEqual([403, 'HOST_NOT_ALLOWED'])
    }
    met.add('HOST_NOT_ALLOWED')
    for (const request of [
      { method: 'GET' as const, url: '/graphql?query={__typename}' },
      {
        method: 'POST' as const,
        url: '/graphql',
        headers: { 'content-type': 'text/plain' },
        payload: JSON.stringify({ query: '{ __typename }' }),
      },
    ]) {
      const forged = await app.inject(request)
      expect([forged.statusCode, forged.json().errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST'])
    }
  })
})

test('an address that others can reach is refused', async () => {
  const settings = {
    warehouses: gateway.warehouses,
    defaultWarehouse: 'duckdb',
    catalog: gateway.catalog,
    introspection: true,
    landingPage: true,
    logger: { info() {}, warn() {}, error() {} },
  }
  for (const host of ['0.0.0.0', '::', 'example.com']) {
    await expect(startGateway({ ...settings, host, port: 0 })).rejects.toMatchObject({
      code: 'AUTHENTICATION_REQUIRED_TO_LISTEN',
    })
  }
  met.add('AUTHENTICATION_REQUIRED_TO_LISTEN')
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

test('every code of the catalogue has been met from outside', () => {
  expect([...met].sort()).toEqual(Object.keys(errorCatalogue).sort())
})
