import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MemoryCatalog } from '../../tests/fixtures/gateway/memory-catalog.js'
import { buildGateway, type Gateway } from './gateway.js'

const logged: unknown[] = []
let gateway: Gateway
let port: number

/** Nothing here gets as far as a warehouse. */
beforeAll(async () => {
  const log = (...line: unknown[]) => logged.push(line)
  gateway = await buildGateway({
    warehouses: new Map(),
    defaultWarehouse: 'none',
    catalog: new MemoryCatalog(),
    introspection: true,
    landingPage: false,
    logger: { info: log, warn: log, error: log },
  })
  await gateway.app.listen({ host: '127.0.0.1', port: 0 })
  port = (gateway.app.server.address() as AddressInfo).port
})
beforeEach(() => {
  logged.length = 0
})
afterAll(() => gateway?.close())

interface Answered {
  readonly status: number
  readonly head: string
  readonly code: unknown
  readonly message: string
}

/** Bytes as they are, since a client of HTTP would not send them. */
async function send(...lines: string[]): Promise<Answered> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(lines.join('\r\n'))
  const answer = await text(socket)
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const [error] = (JSON.parse(body) as { errors: { message: string; extensions: { code: unknown } }[] }).errors
  return {
    status: Number(head.split(' ')[1]),
    head: head.toLowerCase(),
    code: error?.extensions.code,
    message: error?.message ?? '',
  }
}

const local = ['Host: localhost', 'Connection: close']
const post = (body: string) => [
  ...['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`],
  ...['', body],
]

test.each<[string, number, string[]]>([
  ['a path that is no URL', 400, ['GET /%ZZ HTTP/1.1', ...local, '', '']],
  ['bytes that are not HTTP', 400, ['nonsense', '', '']],
  ['a header that is none', 400, ['GET /graphql HTTP/1.1', 'Host: localhost', 'a b: c', '', '']],
  ['headers beyond what Node takes', 431, ['GET /graphql HTTP/1.1', ...local, `X: ${'x'.repeat(20_000)}`, '', '']],
  ['an expectation of its own', 417, ['POST /graphql HTTP/1.1', ...local, 'Expect: rain', 'Content-Length: 5', '', '']],
  ['HTTP/1.0 without a Host', 400, ['POST /graphql HTTP/1.0', ...post('{"query":"{__typename}"}')]],
  ['an export without a Host', 400, ['POST /export HTTP/1.0', ...post('{"query":"{__typename}"}')]],
  ['a stored operation without a Host', 400, ['GET /api/v1/revenue/daily HTTP/1.0', '', '']],
  [
    'HTTP/1.1 without a Host',
    400,
    ['POST /graphql HTTP/1.1', 'Connection: close', ...post('{"query":"{__typename}"}')],
  ],
])('%s is a bad request in the form of all errors', async (_, status, lines) => {
  expect(await send(...lines)).toMatchObject({ status, code: 'BAD_REQUEST' })
  expect(logged).toEqual([])
})

test('health answers without a Host, as load balancers ask for it', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /health/live HTTP/1.0\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"status":"live"\}$/)
})

test.each([
  ['PUT', '/graphql', 'get, post'],
  ['DELETE', '/graphql?query={__typename}', 'get, post'],
  ['POST', '/health/live', 'get, head'],
])('%s %s is refused with what the path takes', async (method, path, allowed) => {
  const answer = await send(`${method} ${path} HTTP/1.1`, ...local, '', '')
  expect(answer).toMatchObject({ status: 405, code: 'BAD_REQUEST' })
  expect(answer.head).toContain(`allow: ${allowed}\r\n`)
})

test('HEAD of a question is refused too', async () => {
  const { statusCode, headers } = await gateway.app.inject({ method: 'HEAD', url: '/graphql?query={__typename}' })
  expect([statusCode, headers.allow]).toEqual([405, 'GET, POST'])
})

test.each([
  '{"query":"{ __typename }","variables":{"__proto__":1}}',
  '{"query":"{ __typename }","variables":{"\\u005f_proto__":1}}',
  '{"query":"{ __typename }","variables":{"constructor":{"prototype":1}}}',
])('%s is refused for its key', async (body) => {
  const answer = await send('POST /graphql HTTP/1.1', ...local, ...post(body))
  expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  expect(answer.message).toContain('"__proto__"')
  expect(answer.message).not.toMatch(/not valid JSON/i)
})

test.each(['{', '{"query":"{ __proto__ }"', ''])('%j is not valid JSON', async (body) => {
  const answer = await send('POST /graphql HTTP/1.1', ...local, ...post(body))
  expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  expect(answer.message).toMatch(/valid JSON|cannot be empty/)
})

test.each<[string, string, string]>([
  ['a mutation', 'mutation { a }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a subscription', 'subscription { a }', 'GRAPHQL_VALIDATION_FAILED'],
  ['3,000 fields one in another', `{${'a{'.repeat(3000)}`, 'QUERY_TOO_DEEP'],
  ['3,000 lists one in another', `{ a(b: ${'['.repeat(3000)}`, 'QUERY_TOO_DEEP'],
])('%s is refused by what it is', async (_, query, code) => {
  const answer = await send('POST /graphql HTTP/1.1', ...local, ...post(JSON.stringify({ query })))
  expect(answer).toMatchObject({ status: 400, code })
  const asked = await send(
    `GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1`,
    ...[...local, 'Apollo-Require-Preflight: yes'],
    ...['', ''],
  )
  expect(asked).toMatchObject({ status: 400, code })
  expect(logged).toEqual([])
})
