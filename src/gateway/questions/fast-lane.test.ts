import { ApolloServer } from '@apollo/server'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { WarehouseError } from '../../../warehouses/contract/errors.js'
import { Documents } from './documents.js'

let warehouses: TestWarehouses
let fast: TestGateway
let apollo: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  const both = warehouses.both
  fast = await new TestGateway(both).start({ introspection: false })
  apollo = await new TestGateway(both).start({ introspection: false, fastLane: false })
})
beforeEach(() => {
  fast.reset()
  apollo.reset()
})
afterAll(async () => {
  await fast?.gateway.close()
  await apollo?.gateway.close()
  await warehouses?.close()
})

/** What a client sees. */
async function seen({ gateway }: TestGateway, request: InjectOptions): Promise<unknown> {
  const { statusCode, headers, body } = await gateway.app.inject(request)
  // Only what is answered here has a tag to keep it by.
  const { date, etag, vary, 'x-request-id': _, ...stable } = headers
  if (etag !== undefined) stable['cache-control'] = 'no-store'
  // Given out anew for each error, and for each landing page.
  const text = body.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}/g, 'anew')
  return { statusCode, headers: stable, body: text }
}

const post = (payload: unknown, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  url: '/graphql',
  headers: { 'content-type': 'application/json', ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
})
const ask = (query: string, variables?: unknown, headers?: Record<string, string>) =>
  post({ query, variables }, headers)
const get = (parameters: Record<string, string>, headers: Record<string, string> = {}): InjectOptions => ({
  url: `/graphql?${new URLSearchParams(parameters)}`,
  headers: { 'apollo-require-preflight': '1', ...headers },
})

const page = '{ dailyRevenue(first: 3) { nodes { source revenueDate netRevenue } totalCount } }'
const named =
  'query A { dailyRevenue { totalCount } } query B($n: Int = 2) { dailyRevenue(first: $n) { nodes { source } } }'
const filtered = 'query ($w: DailyRevenueWhere) { dailyRevenue(where: $w) { totalCount } }'
const enums = 'query ($f: DailyRevenueField!) { dailyRevenue(orderBy: [{ field: $f }]) { totalCount } }'

const corpus: Record<string, InjectOptions> = {
  'a page': ask(page),
  'aliases, fragments, directives': ask(
    'query ($no: Boolean = false) { a: dailyRevenue(first: 1) { ...F } __proto__: dailyRevenue(first: 1) { edges { cursor node { constructor: source revenueDate @include(if: $no) } } } } fragment F on DailyRevenueConnection { pageInfo { hasNextPage endCursor } __typename }',
  ),
  'groups with two grains': ask(
    '{ dailyRevenueBy { nodes { m: revenueDate(grain: MONTH) y: revenueDate(grain: YEAR) netRevenue share: netRevenue(as: SHARE) } totals { netRevenue } totalCount } }',
  ),
  parity: ask('{ parity { equal } }'),
  'a type name': ask('{ __typename }'),
  'variables that are null': post({ query: page, variables: null, operationName: null, extensions: null }),
  'one operation of two': post({ query: named, operationName: 'B' }),
  'the other one, with a variable': post({ query: named, operationName: 'B', variables: { n: 1 } }),
  'no operation of two': post({ query: named }),
  'an unknown operation': post({ query: named, operationName: 'C' }),
  'an empty operation name': post({ query: named, operationName: '' }),
  'a mutation': ask('mutation { a }'),
  'a subscription': ask('subscription { a }'),
  'the warehouse header': ask(page, undefined, { 'x-goldgate-warehouse': 'postgres' }),
  'an unknown warehouse': ask(page, undefined, { 'x-goldgate-warehouse': 'mars' }),
  'an unknown build': ask('{ dailyRevenue(build: "b9") { totalCount } }'),
  'an error beside data': ask(
    '{ a: dailyRevenue { totalCount } inventoryRisk { nodes { inventoryId stockQuantity } } }',
  ),
  'a bad cursor': ask('{ dailyRevenue(after: "x") { totalCount } }'),
  'too large a page': ask('{ dailyRevenue(first: 5000) { totalCount } }'),
  'an unknown field, without suggestions': ask('{ dailyRevenu { totalCount } }'),
  'an enum value in a variable': ask(enums, { f: 'SOURCE' }),
  'a missing variable': ask(enums),
  'a variable of the wrong type': ask(filtered, { w: 7 }),
  'a good variable': ask(filtered, { w: { source: { eq: 'demo' } } }),
  'a variable nobody declared': ask(page, { x: 1 }),
  'variables nested deeply': ask(filtered, { w: JSON.parse(`${'{"not":'.repeat(60)}{}${'}'.repeat(60)}`) }),
  'a syntax error': ask('{ dailyRevenue('),
  'too many tokens': ask(`{ ${'a '.repeat(5000)} }`),
  'too many brackets': ask('{a'.repeat(300)),
  'many mistakes': ask(`{ dailyRevenue { nodes { ${Array.from({ length: 30 }, (_, i) => `no${i}`).join(' ')} } } }`),
  introspection: ask('{ __schema { queryType { name } } }'),
  'a batch': post([{ query: page }]),
  'no query': post({}),
  'an empty query': post({ query: '' }),
  'a query that is none': post({ query: 7 }),
  'variables as text': post({ query: page, variables: '{}' }),
  'variables as a list': post({ query: page, variables: [] }),
  extensions: post({ query: page, extensions: { a: 1 } }),
  'extensions as text': post({ query: page, extensions: 'x' }),
  'an operation name that is none': post({ query: page, operationName: 7 }),
  'no JSON': post('{'),
  GET: get({ query: page }),
  'GET with variables': get({ query: enums, variables: '{"f":"SOURCE"}' }),
  'GET with an operation name': get({ query: named, operationName: 'A' }),
  'GET with bad variables': get({ query: enums, variables: '{' }),
  'GET with variables as a list': get({ query: enums, variables: '[]' }),
  'GET of a mutation': get({ query: 'mutation { a }' }),
  'GET as a form could send it': { url: `/graphql?${new URLSearchParams({ query: page })}` },
  'GET with an empty header': get({ query: page }, { 'apollo-require-preflight': '' }),
  'GET with the name of an operation': get(
    { query: page },
    { 'apollo-require-preflight': '', 'x-apollo-operation-name': 'a' },
  ),
  'GET with two queries': { ...get({}), url: '/graphql?query={__typename}&query={__typename}' },
  'GET without a query': get({}),
  'GET by a browser': {
    url: `/graphql?${new URLSearchParams({ query: page })}`,
    headers: { accept: 'text/html,*/*;q=0.8' },
  },
  'GET with a content type': get({ query: page }, { 'content-type': 'application/json' }),
  'GET with a foreign content type': get({ query: page }, { 'content-type': 'text/plain' }),
  ...Object.fromEntries(
    [
      '*/*',
      'application/json',
      'application/json, text/plain, */*',
      'application/graphql-response+json',
      'application/graphql-response+json,application/json;q=0.9',
      'application/json;q=0.1, application/graphql-response+json',
      'text/html',
      'text/csv',
      'multipart/mixed, application/json;q=0.5',
      '',
    ].map((accept) => [`accept: ${accept}`, ask(page, undefined, { accept })]),
  ),
  'a refused question in another content type': ask(enums, undefined, { accept: 'application/graphql-response+json' }),
}

test.each(Object.entries(corpus))('%s is answered as Apollo Server answers it', async (_, request) => {
  const answer = await seen(apollo, request)
  // The third time it is executed in another way.
  for (const _time of [1, 2, 3]) expect(await seen(fast, request)).toEqual(answer)
})

test('a warehouse that is down, and a failure inside, are told as Apollo Server tells them', async () => {
  warehouses.duckdb.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'duckdb', 'gone')
  expect(await seen(fast, ask(page))).toEqual(await seen(apollo, ask(page)))
  warehouses.duckdb.failure = new Error('secret')
  expect(await seen(fast, ask(page))).toEqual(await seen(apollo, ask(page)))
})

describe('however often it is sent, a document is parsed once, and Apollo Server never sees it:', () => {
  const reached = vi.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest')
  const parsed = vi.spyOn(Documents.prototype as unknown as { read(): unknown }, 'read')
  beforeEach(() => {
    reached.mockClear()
    parsed.mockClear()
  })
  afterAll(() => {
    reached.mockRestore()
    parsed.mockRestore()
  })

  test('a bad one', async () => {
    const bad = ask('{ dailyRevenue { nodes { nothingLikeThis } } }')
    const [first, ...more] = [await seen(fast, bad), await seen(fast, bad), await seen(fast, bad)]
    expect(more).toEqual([first, first])
    expect([reached.mock.calls.length, parsed.mock.calls.length]).toEqual([0, 1])
  })

  test('a good one, with whatever variables', async () => {
    const good = 'query Rows($n: Int!) { rows: dailyRevenue(first: $n) { nodes { source } } }'
    for (const n of [1, 2, 3])
      expect((await fast.data<{ rows: { nodes: [] } }>(good, { n })).rows.nodes).toHaveLength(n)
    const sent = { query: good, variables: '{"n":4}', operationName: 'Rows' }
    expect(await seen(fast, get(sent))).toMatchObject({ statusCode: 200 })
    expect([reached.mock.calls.length, parsed.mock.calls.length]).toEqual([0, 1])
  })
})

test('a failure inside is logged with the request that it failed, by either way', async () => {
  warehouses.duckdb.failure = new Error('secret')
  for (const target of [fast, apollo]) {
    await target.gateway.app.inject(ask(page, undefined, { 'x-request-id': 'request-7' }))
    const [line] = target.logged.filter(({ level }) => level === 'error')
    expect(line).toMatchObject({ fields: { requestId: 'request-7', error: 'secret' } })
  }
})

test('errors of variables suggest nothing of a schema that may not be read', async () => {
  for (const request of [ask(enums, { f: 'SOURC' }), ask(filtered, { w: { sourc: { eq: 'a' } } })]) {
    for (const { gateway } of [fast, apollo]) {
      const { statusCode, body } = await gateway.app.inject(request)
      expect([statusCode, body]).toEqual([400, expect.not.stringMatching(/source/i)])
    }
  }
})

describe('what costs more to refuse than to send is refused before anybody reads it:', () => {
  const where = 'query ($v: DailyRevenueWhere) { dailyRevenue(first: 1, where: $v) { nodes { source } } }'
  const refusals = async (payload: object | string) =>
    Promise.all(
      [fast, apollo].flatMap(({ gateway }) =>
        ['/graphql', '/export'].map(async (url) => {
          const headers = { 'content-type': 'application/json' }
          const response = await gateway.app.inject({ method: 'POST', url, headers, payload })
          return [response.statusCode, response.json().errors[0].extensions.code, response.body.length < 3000]
        }),
      ),
    )
  const refused = (code: string) => Array.from({ length: 4 }, () => [400, code, true])

  test('variables of many keys, each of which is wrong', async () => {
    const v = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`x${i}`, 1]))
    expect(await refusals({ query: where, variables: { v } })).toEqual(refused('QUERY_TOO_LARGE'))
  })

  test('one long value, which errors do not repeat', async () => {
    expect(await refusals({ query: where, variables: { v: { source: { eqq: 'x'.repeat(200_000) } } } })).toEqual(
      refused('BAD_USER_INPUT'),
    )
  })

  test('variables that are nested deeply', async () => {
    const v = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect(await refusals(`{"query":"{ dailyRevenue { totalCount } }","variables":{"v":${v}}}`)).toEqual(
      refused('QUERY_TOO_DEEP'),
    )
  })

  test('text that looks like a suggestion, over and over', async () => {
    const query = `{ dailyRevenue(first: "${'Did you mean x '.repeat(30_000)}") { nodes { source } } }`
    expect(await refusals({ query })).toEqual(refused('GRAPHQL_VALIDATION_FAILED'))
  })
})
