import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryCatalog } from '../../tests/fixtures/gateway/memory-catalog.js'
import type { AuthenticationSettings } from './callers/authenticate.js'
import { buildGateway, type Gateway } from './gateway.js'

const bi = 'https://bi.example.com'
const evil = 'https://evil.example.com'
const authentication: AuthenticationSettings = {
  verifiers: [
    {
      takes: () => true,
      verify: async (key) => (key === 'good' ? { name: 'somebody', roles: ['unrestricted'], claims: {} } : undefined),
    },
  ],
}

let closed: Gateway
let some: Gateway
let all: Gateway
const start = (origins?: readonly string[], asks = true) =>
  buildGateway({
    ...{ warehouses: new Map(), defaultWarehouse: 'none', catalog: new MemoryCatalog() },
    ...{ introspection: true, landingPage: true, logger: { info() {}, warn() {}, error() {} } },
    ...(origins && { cors: { origins } }),
    ...(asks && { authentication }),
  })
beforeAll(async () => {
  closed = await start(undefined, false)
  some = await start([bi, 'http://localhost:3000'])
  all = await start(['*'])
})
afterAll(async () => {
  for (const gateway of [closed, some, all]) await gateway?.close()
})

const question: InjectOptions = { method: 'POST', url: '/graphql', payload: { query: '{ __typename }' } }
const by = (origin: string, request: InjectOptions, headers: Record<string, string> = {}): InjectOptions => ({
  ...request,
  headers: { origin, ...headers },
})
const preflight = (origin: string, url = '/graphql'): InjectOptions => ({
  ...{ method: 'OPTIONS', url },
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  },
})
const shared = ['/graphql', '/graphql?query={__typename}', '/export', '/openapi.json', '/api/v1/revenue/daily.csv']
const notShared = ['/', '/health/live', '/metrics', '/playground', '/playground/session', '/api', '/nothing']

async function corsOf({ app }: Gateway, request: InjectOptions): Promise<readonly string[]> {
  const { headers } = await app.inject(request)
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'))
}

test('without configured origins no answer has a header of CORS, and a preflight is a method that is not taken', async () => {
  for (const url of [...shared, ...notShared]) {
    expect(await corsOf(closed, preflight(bi, url))).toEqual([])
    expect(await corsOf(closed, by(bi, { url }))).toEqual([])
  }
  const answer = await closed.app.inject(preflight(bi))
  expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([405, 'BAD_REQUEST'])
})

test('a page of a configured origin may ask, with a key of its own, and read what the answer says beside its body', async () => {
  const asked = await some.app.inject(preflight(bi))
  expect([asked.statusCode, asked.body]).toEqual([204, ''])
  expect(asked.headers).toMatchObject({
    'access-control-allow-origin': bi,
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers': 'authorization,content-type',
    vary: 'origin',
  })
  const answer = await some.app.inject(by(bi, question, { authorization: 'Bearer good' }))
  expect(answer.json()).toMatchObject({ data: { __typename: 'Query' } })
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': bi, vary: 'origin' })
  const exposed = String(answer.headers['access-control-expose-headers']).split(', ')
  expect(exposed).toEqual(expect.arrayContaining(['etag', 'x-request-id', 'retry-after']))
})

test('a preflight needs no key and tells nothing; the question behind it needs one, and the page may read that', async () => {
  for (const url of shared) expect((await some.app.inject(preflight(bi, url))).statusCode).toBe(204)
  const refused = await some.app.inject(by(bi, question))
  expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, bi])
})

test.each([
  evil,
  'null',
  'https://bi.example.com.evil.example.com',
  'http://bi.example.com',
  'https://bi.example.com:8443',
  'https://BI.example.com',
  '*',
])('a page of %s is told as much as where nothing is configured', async (origin) => {
  for (const url of [...shared, ...notShared]) {
    expect(await corsOf(some, preflight(origin, url))).toEqual([])
    expect(await corsOf(some, by(origin, { url }, { authorization: 'Bearer good' }))).toEqual([])
  }
  expect((await some.app.inject(preflight(origin))).statusCode).toBe(405)
})

test('what holds nothing to share is shared with nobody', async () => {
  for (const url of notShared) {
    expect(await corsOf(some, preflight(bi, url))).toEqual([])
    expect(await corsOf(all, by(bi, { url }))).toEqual([])
  }
})

test('"*" lets all pages ask with a key; cookies and passwords of the browser are never sent', async () => {
  const answer = await all.app.inject(by(evil, question, { 'x-api-key': 'good' }))
  expect(answer.headers['access-control-allow-origin']).toBe('*')
  for (const gateway of [some, all])
    for (const request of [preflight(bi), by(bi, question)])
      expect(await corsOf(gateway, request)).not.toContain('access-control-allow-credentials')
})

test('a foreign host is refused before its preflight is answered', async () => {
  const answer = await all.app.inject({
    ...preflight(evil),
    headers: { ...preflight(evil).headers, host: 'rebound.example.com' },
  })
  expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([403, undefined])
})
