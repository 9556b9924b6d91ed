import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import { parse, print } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Asked, codesOf } from '../../tests/fixtures/gateway/asked.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { behindKnownHeads } from '../../tests/fixtures/gateway/known-heads.js'
import { keyVerifier } from './callers/api-keys.js'
import { startGateway } from './listen.js'

let warehouses: TestWarehouses
let gateway: TestGateway
let asked: Asked

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(warehouses.both).start({ limits: { bodyBytes: 200_000 } })
  asked = new Asked(gateway)
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const count = '{ dailyRevenue { totalCount } }'

describe('a request that cannot be answered is refused before anything is read:', () => {
  const refused = async (query: string, variables?: Record<string, unknown>) => {
    const error = await asked.failing(query, variables)
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
    const inFields = `${'edges { node { '.repeat(25)} source ${'} } '.repeat(25)}`
    expect(await refused(`{ dailyRevenue { ${inFields} } }`)).toEqual(['QUERY_TOO_DEEP', 400])
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
    expect(asked.errorOf(await gateway.send(deep)).extensions.code).toBe('QUERY_TOO_DEEP')
    expect(gateway.logged.filter(({ level }) => level !== 'debug')).toEqual([])
  })

  test('a body that is too large, no JSON, no query, a batch, or none of GraphQL', async () => {
    const huge = await gateway.send(JSON.stringify({ query: count, variables: { x: 'x'.repeat(200_000) } }))
    expect([huge.status, asked.errorOf(huge).extensions.code]).toEqual([413, 'REQUEST_TOO_LARGE'])
    const zipped = await gateway.gateway.app.inject({
      ...{ method: 'POST', url: '/graphql', payload: gzipSync(JSON.stringify({ query: count })) },
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    })
    expect([zipped.statusCode, zipped.json().errors[0]]).toMatchObject([
      415,
      { message: expect.stringContaining('content-encoding'), extensions: { code: 'BAD_REQUEST' } },
    ])
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
      expect([payload, answer.status, asked.errorOf(answer).extensions.code]).toEqual([payload, 400, 'BAD_REQUEST'])
    }
    for (const url of ['/graphql', '/export']) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const form = await gateway.gateway.app.inject({ method: 'POST', url, headers, payload: '{}' })
      expect([url, form.statusCode, form.json().errors]).toEqual([
        url,
        415,
        [{ message: expect.stringContaining('content-type: application/json'), extensions: { code: 'BAD_REQUEST' } }],
      ])
    }
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
    expect((await asked.failing(query, { f: null })).extensions.code).toBe('BAD_USER_INPUT')
  })

  test('a persisted query that nobody registered', async () => {
    const answer = await gateway.send(
      JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }),
    )
    expect(asked.errorOf(answer).extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
  })

  test('an unknown path, a foreign host, a request that a form of another page could send', async () => {
    const { app } = gateway.gateway
    const path = await app.inject({ url: '/secret?token=x' })
    expect(path.statusCode).toBe(404)
    expect(path.json().errors[0].extensions.code).toBe('NOT_FOUND')
    asked.meet('NOT_FOUND')
    for (const url of ['/graphql', '/health/ready', '/graphql?query={__typename}']) {
      const host = await app.inject({ url, headers: { host: 'rebound.example.com:4000' } })
      expect([host.statusCode, host.json().errors[0].extensions.code]).toEqual([403, 'HOST_NOT_ALLOWED'])
      expect(host.json().errors[0].message).toMatch(/added to gateway\.allowedHosts in goldgate\.yaml/)
    }
    asked.meet('HOST_NOT_ALLOWED')
    for (const request of [
      { method: 'GET' as const, url: '/graphql?query={__typename}' },
      {
        method: 'POST' as const,
        url: '/graphql',
        headers: { 'content-type': 'text/plain' },
        payload: JSON.stringify({ query: '{ __typename }' }),
      },
      {
        method: 'POST' as const,
        url: '/export',
        headers: { 'content-type': 'text/plain' },
        payload: JSON.stringify({ query: '{ dailyRevenue { nodes { source } } }' }),
      },
    ]) {
      const forged = await app.inject(request)
      expect([forged.statusCode, forged.json().errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST'])
    }
    expect(warehouses.duckdb.readings).toEqual([])
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
  asked.meet('AUTHENTICATION_REQUIRED_TO_LISTEN')
})

test('a caller who is not known, may not, may not so often, or cannot be told', async () => {
  const key = (id: string, roles: readonly string[]) => ({ id, roles, claims: {} })
  const find = async (text: string) => {
    if (text === 'ggk_lost') throw new Error('no database')
    return text === 'ggk_nobody' ? undefined : key(text, text === 'ggk_gone' ? ['gone'] : ['hasty'])
  }
  const asks = await new TestGateway(gateway.warehouses).start({
    roles: [{ name: 'hasty', rows: {}, hide: [], limits: { requestsPerMinute: 1 } }],
    authentication: { verifiers: [keyVerifier({ find })] },
  })
  const codes = []
  for (const text of ['ggk_nobody', 'ggk_gone', 'ggk_lost', 'ggk_hasty', 'ggk_hasty']) {
    const answer = await asks.ask(count, undefined, { 'x-api-key': text })
    codes.push(answer.status === 200 ? 200 : [answer.status, asked.errorOf(answer).extensions.code])
  }
  expect(codes).toEqual([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [503, 'AUTHENTICATION_UNAVAILABLE'],
    200,
    [429, 'RATE_LIMITED'],
  ])
  await asks.gateway.close()
})

test('an export for which there is no place', async () => {
  const limits = { exports: 0, exportWaitMs: 1 }
  const { app, close } = (await new TestGateway(gateway.warehouses).start({ limits })).gateway
  const answer = await app.inject({
    method: 'POST',
    url: '/export',
    payload: { query: count.replace('totalCount', 'nodes { source }') },
  })
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1'])
  asked.errorOf({ status: answer.statusCode, text: answer.body, body: answer.json() })
  await close()
})

describe('with a safelist', () => {
  const stored = `# path: some/rows
# Some rows.
query SomeRows { dailyRevenue(first: 2) { nodes { source revenueDate netRevenue } } }
`
  const printed = print(parse(stored))
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
  const naming = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } })
  const persisted = (text: string, query?: string) => JSON.stringify({ query, extensions: naming(text) })
  const own = '{ dailyRevenue { totalCount } }'
  const attacks: Record<string, string> = {
    'a question of its own': JSON.stringify({ query: own }),
    introspection: JSON.stringify({ query: '{ __schema { queryType { name } } }' }),
    'a stored one with more in it': JSON.stringify({ query: `${printed} query Other ${own}`, operationName: 'Other' }),
    'a stored one changed': JSON.stringify({ query: printed.replace('first: 2', 'first: 1000') }),
    'the hash of a stored one beside another': persisted(printed, own),
  }
  let folder: string
  let safe: TestGateway
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goldgate operations '))
    await writeFile(join(folder, 'some-rows.graphql'), stored)
    safe = await new TestGateway(gateway.warehouses).start({ operations: [folder], safelist: true })
  })
  afterAll(async () => {
    await safe?.gateway.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(Object.entries(attacks))('%s is not answered, and is without one', async (_, payload) => {
    const answer = await safe.send(payload)
    expect([answer.status, asked.errorOf(answer).extensions.code]).toEqual([403, 'OPERATION_NOT_ALLOWED'])
    // The hash of another text is a mistake everywhere.
    if (!payload.includes('persistedQuery')) expect((await gateway.send(payload)).status).toBe(200)
  })

  test('nor is a batch, a GET, a persisted query that is not stored, or an export', async () => {
    const { app } = safe.gateway
    const batch = await safe.send(JSON.stringify([{ query: own }]))
    const hash = await safe.send(persisted(own))
    const get = await app.inject({
      url: `/graphql?${new URLSearchParams({ query: own })}`,
      headers: { 'apollo-require-preflight': '1' },
    })
    const table = await app.inject({ method: 'POST', url: '/export', payload: { query: own } })
    expect([batch.status, hash.status, get.statusCode, table.statusCode]).toEqual([403, 403, 403, 403])
  })

  test.each([0, 8])(
    'nor is any of these where a stored operation with the same head was answered before (cache: %i MB)',
    async (megabytes) => {
      const settings = { operations: [folder], safelist: true, cache: { megabytes } }
      const listening = await new TestGateway(gateway.warehouses).start(settings)
      onTestFinished(() => listening.gateway.close())
      // Bodies are looked at, so that no head may be known.
      const target = await behindKnownHeads(listening, printed, { known: false })
      const outcome = async (request: InjectOptions) => {
        const { statusCode, json } = await target.inject(request)
        return [statusCode, json().errors?.[0].extensions.code]
      }
      const refused = [403, 'OPERATION_NOT_ALLOWED']
      const headers = { 'content-type': 'application/json' }
      for (const payload of [...Object.values(attacks), JSON.stringify([{ query: own }]), persisted(own)]) {
        const got = await outcome({ method: 'POST', url: '/graphql', headers, payload })
        expect(got, payload).toEqual(refused)
      }
      const get = (parameters: URLSearchParams) =>
        outcome({ url: `/graphql?${parameters}`, headers: { 'apollo-require-preflight': '1' } })
      for (const text of [printed, printed, printed, own, own, own]) {
        const byHash = new URLSearchParams({ extensions: JSON.stringify(naming(text)) })
        for (const parameters of [new URLSearchParams({ query: text }), byHash])
          expect(await get(parameters), `${parameters}`).toEqual(text === own ? refused : [200, undefined])
      }
    },
  )

  test('a stored operation is answered: as it is written, as clients print it, and at its address', async () => {
    for (const query of [stored, printed]) expect(await safe.codes(query)).toEqual([])
    expect((await safe.send(persisted(printed, printed))).status).toBe(200)
    expect((await safe.gateway.app.inject({ url: '/api/v1/some/rows' })).statusCode).toBe(200)
  })

  test.each([true, false])(
    'its hash alone is answered before anybody sent its text (fast lane: %s)',
    async (fastLane) => {
      const settings = { operations: [folder], safelist: true, fastLane }
      const fresh = await new TestGateway(gateway.warehouses).start(settings)
      for (const text of [stored, printed]) {
        const { status, body } = await fresh.send(persisted(text))
        expect([status, body.errors, body.data]).toEqual([200, undefined, { dailyRevenue: expect.anything() }])
      }
      await fresh.gateway.close()
    },
  )
})

test('every such code of the catalogue has been met', () => {
  expect(asked.codesMet()).toEqual(codesOf(['request', 'start']))
})
