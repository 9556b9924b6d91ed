import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  builds,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../../tests/fixtures/gateway/gateway.js'
import type { KnownKey } from '../callers/api-keys.js'
import { keyVerifier } from '../callers/api-keys.js'
import { type Exchange, Exchanges } from '../exchanges.js'
import { Front } from './front.js'

const keys = new Map<string, KnownKey>()
/** Keys that were looked up: a replay asks nobody who he is. */
const asked: string[] = []
let warehouses: TestWarehouses
let gateway: TestGateway
let url: string

beforeAll(async () => {
  warehouses = await openTestWarehouses()
})
afterAll(() => warehouses?.close())
beforeEach(async () => {
  keys.clear()
  keys.set('ggk_all', { id: 'all', roles: ['unrestricted'], claims: {} })
  keys.set('ggk_demo', { id: 'demo', roles: ['demo'], claims: {} })
  keys.set('ggk_hasty', { id: 'hasty', roles: ['hasty'], claims: {} })
  asked.length = 0
  const find = async (key: string) => {
    asked.push(key)
    return keys.get(key)
  }
  gateway = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
    cache: { megabytes: 8 },
    cors: { origins: ['https://bi.example.com'] },
    authentication: { verifiers: [keyVerifier({ find })] },
    metrics: true,
    roles: [
      { name: 'demo', rows: { source: { in: ['demo'] } }, hide: [], limits: {} },
      { name: 'hasty', rows: {}, hide: [], limits: { requestsPerMinute: 5 } },
    ],
  })
  gateway.catalog.live = true
  gateway.reset()
  await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(gateway.gateway.app.server.address() as AddressInfo).port}`
  return () => gateway.gateway.close()
})

const query = '{ dailyRevenue(first: 3) { nodes { source netRevenue } totalCount } }'
const post = async (headers: Record<string, string> = {}, body = JSON.stringify({ query })) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'ggk_all', ...headers },
    body,
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
/** Whether a request was answered without being looked at. */
const isReplayed = async (send: () => Promise<unknown>): Promise<boolean> => {
  const replays = vi.spyOn(Front.prototype, 'replay')
  try {
    await send()
    return replays.mock.results.some(({ value }) => value !== undefined)
  } finally {
    replays.mockRestore()
  }
}
/** Asked so often that the answer is given without being looked at, if it may be. */
const settled = async (...given: Parameters<typeof post>) => {
  const answers: Awaited<ReturnType<typeof post>>[] = []
  const ask = async () => answers.push(await post(...given))
  // The first two make its head known, two more what is kept of its bytes.
  for (let i = 0; i < 4; i++) await ask()
  const before = asked.length
  const replayed = (await isReplayed(ask)) && asked.length === before
  const last = answers.pop()
  if (!last) throw new Error('unreachable')
  return { ...last, replayed, answers }
}
const build = (text: string) => /"build":"(b\d)"/.exec(text)?.[1]

test('a request that comes again is answered with the same bytes under an id of its own, and asks nobody', async () => {
  const { replayed, answers, text, headers, status } = await settled()
  expect([replayed, status]).toEqual([true, 200])
  expect(text).toBe(answers[1]?.text)
  expect(text).toContain('"cache":"hit"')
  const ids = [...answers.map((answer) => answer.headers), headers].map((each) => each.get('x-request-id'))
  expect(new Set(ids).size).toBe(5)
  const plain = (given: Headers | undefined) => [...(given ?? [])].filter(([name]) => !/date|x-request-id/.test(name))
  expect(plain(headers)).toEqual(plain(answers[1]?.headers))
})

test('a publish, a hold and a rollback are seen at once', async () => {
  expect(build((await settled()).text)).toBe('b1')
  gateway.catalog.publish('duckdb', builds.second)
  expect(build((await post()).text)).toBe('b2')
  expect((await settled()).replayed).toBe(true)
  gateway.catalog.publish('duckdb', builds.first, { held: true, stale: true })
  const back = await post()
  expect([build(back.text), back.text.includes('"held":true')]).toEqual(['b1', true])
})

test('nothing is answered again while the pointers are not known without waiting', async () => {
  await settled()
  gateway.catalog.live = false
  expect((await settled()).replayed).toBe(false)
})

test('a key that is revoked or over is refused', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  try {
    keys.set('ggk_short', { id: 'short', roles: ['unrestricted'], claims: {}, expiresAt: new Date(1_010_000) })
    expect((await settled({ 'x-api-key': 'ggk_short' })).replayed).toBe(true)
    vi.setSystemTime(1_010_000)
    keys.delete('ggk_short')
    expect((await post({ 'x-api-key': 'ggk_short' })).status).toBe(401)
    await settled()
    // Whoever revokes a key changes the generation, and with it the pointers.
    keys.delete('ggk_all')
    gateway.catalog.publish('duckdb', builds.first)
    expect((await post()).status).toBe(401)
  } finally {
    vi.useRealTimers()
  }
})

test('whoever was asked long ago is asked again', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  try {
    await settled()
    vi.setSystemTime(1_060_000)
    const before = asked.length
    await post()
    expect(asked.length).toBe(before + 1)
  } finally {
    vi.useRealTimers()
  }
})

test('what is kept of a caller on the way of others is believed no longer', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  try {
    const first = (n: number) => post({}, JSON.stringify({ query: query.replace('3', String(n)) }))
    await first(1)
    // A minute later in steps, in each of which something else is kept of him.
    for (const [step, n] of [30, 50, 59].entries()) {
      vi.setSystemTime(1_000_000 + n * 1_000)
      for (let i = 0; i < 3; i++) await first(step + 2)
    }
    const before = asked.length
    vi.setSystemTime(1_061_000)
    for (const n of [1, 2, 3, 4]) await first(n)
    expect(asked.length).toBeGreaterThan(before)
  } finally {
    vi.useRealTimers()
  }
})

test('another key, role, origin, header or byte is another request', async () => {
  const all = await settled()
  expect((await post({ 'x-api-key': 'ggk_wrong' })).status).toBe(401)
  const demo = await settled({ 'x-api-key': 'ggk_demo' })
  const narrowed = await settled({ 'x-goldgate-role': 'demo' })
  expect(demo.text).toBe(narrowed.text)
  expect(demo.text).not.toBe(all.text)
  const page = await settled({ origin: 'https://bi.example.com' })
  expect(page.headers.get('access-control-allow-origin')).toBe('https://bi.example.com')
  expect((await post({ origin: 'https://evil.example' })).headers.get('access-control-allow-origin')).toBeNull()
  const explained = await post({ 'x-goldgate-explain': 'true' })
  expect(explained.text).toContain('"explain"')
  expect((await post({}, JSON.stringify({ query: query.replace('3', '2') }))).text).not.toBe(all.text)
  expect((await post({ 'x-request-id': 'mine' })).headers.get('x-request-id')).toBe('mine')
})

test('whoever may ask so often a minute is counted each time', async () => {
  const statuses = []
  for (let i = 0; i < 7; i++) statuses.push((await post({ 'x-api-key': 'ggk_hasty' })).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
})

test('a GET is answered again too, and 304 to who has it', async () => {
  const get = (headers: Record<string, string> = {}) =>
    fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { 'x-api-key': 'ggk_all', 'apollo-require-preflight': '1', ...headers },
    })
  await get()
  await get()
  let again = await get()
  const replayed = await isReplayed(async () => {
    again = await get()
  })
  expect([replayed, (await again.text()).includes('"cache":"hit"')]).toEqual([true, true])
  const etag = again.headers.get('etag') ?? ''
  expect((await get({ 'if-none-match': etag })).status).toBe(304)
  gateway.catalog.publish('duckdb', builds.second)
  expect((await get({ 'if-none-match': etag })).status).toBe(200)
})

test('what is answered again has its place in memory, which newer answers take from older ones', async () => {
  const large = (n: number) =>
    JSON.stringify({ query: `{ dailyRevenue(first: 25) { nodes { ${'x'.repeat(2_500)}${n}: source } } }` })
  await settled()
  const isHit = async (n: number) => (await post({}, large(n))).text.includes('"cache":"hit"')
  for (let n = 1; n <= 30; n++) expect([await isHit(n), await isHit(n), await isHit(n)]).toEqual([false, true, true])
  // A replay says for as long as it is kept that it was a hit, whether the body behind it is kept or not.
  expect([await isHit(30), await isHit(1)]).toEqual([true, false])
})

test('replays are counted as answers and as hits of the cache', async () => {
  const count = async (series: string) => {
    const text = await (await fetch(`${url}/metrics`, { headers: { 'x-api-key': 'ggk_all' } })).text()
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.split(' ')
        .at(-1),
    )
  }
  const answers = 'goldgate_requests_total{route="/graphql",operation="other",status="200"}'
  const hits = 'goldgate_cache_lookups_total{cache="body",result="hit"}'
  await settled()
  const before = [await count(answers), await count(hits)]
  await post()
  expect([await count(answers), await count(hits)]).toEqual(before.map((n) => n + 1))
})

test('a stranger is told so whether his body comes or not, however often he asks, and a gateway that stops does not wait for it', async () => {
  await settled()
  const ask = async () => {
    const socket = connect(new URL(url).port as unknown as number, '127.0.0.1')
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: ggk_none\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n',
    )
    const closed = once(socket, 'close')
    const [answer] = await once(socket, 'data')
    return { closed, status: String(answer).slice(9, 12) }
  }
  const strangers = [await ask(), await ask(), ...(await Promise.all([ask(), ask()]))]
  expect(strangers.map(({ status }) => status)).toEqual(['401', '401', '401', '401'])
  await gateway.gateway.close()
  await Promise.all(strangers.map(({ closed }) => closed))
})

test('a body may come in pieces, empty, too large or not at all', async () => {
  const begun = vi.spyOn(Exchanges.prototype, 'begin')
  onTestFinished(() => begun.mockRestore())
  const body = JSON.stringify({ query })
  const head = (length: number) =>
    `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: ggk_all\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const socket = connect(new URL(url).port as unknown as number, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString()
  })
  const answers = (n: number) =>
    vi.waitFor(() => expect(received.match(/"totalCount":25/g)).toHaveLength(n), { timeout: 5_000 })
  for (let i = 1; i <= 3; i++) {
    socket.write(head(body.length) + body)
    await answers(i)
  }
  for (const piece of [head(body.length), body.slice(0, 10), body.slice(10)]) {
    socket.write(piece)
    await new Promise((done) => setImmediate(done))
  }
  await answers(4)
  // Two at once on one connection.
  socket.write(`${head(body.length)}${body}${head(body.length)}${body}`)
  await answers(6)
  // Others with the same head.
  for (const n of [7, 8, 9]) {
    const text = body.replace('first: 3', `first: ${n}`)
    socket.write(head(text.length) + text)
    await answers(n)
  }
  // What has its answer holds nothing up, and the connection stays.
  const open = () => begun.mock.results.filter(({ value }) => !(value as Exchange).signal.aborted).length
  await vi.waitFor(() => expect([begun.mock.calls.length >= 9, open()]).toEqual([true, 0]))
  socket.write(`${head(50)}{`)
  socket.destroy()
  await once(socket, 'close')
  expect((await post({}, '')).status).toBe(400)
  expect((await post({}, JSON.stringify({ query, padding: 'x'.repeat(100_000) }))).status).toBe(200)
  expect((await post({}, 'x'.repeat(2_000_000))).status).toBe(413)
  expect((await settled()).replayed).toBe(true)
})

describe('another question with a known head', () => {
  const other = (first: number, more: object = {}) =>
    JSON.stringify({
      query: 'query ($n: Int) { dailyRevenue(first: $n) { nodes { source revenueDate } } }',
      variables: { n: first },
      ...more,
    })
  const known = async (headers: Record<string, string> = {}) => {
    // The first time it is seen, the second time it is kept.
    for (const first of [1, 2]) await post(headers, other(first))
    asked.length = 0
  }

  test('is answered as it would be otherwise, and nobody is asked who he is', async () => {
    await known()
    const answer = await post({}, other(3))
    expect(asked).toEqual([])
    const slow = await post({ 'x-request-id': 'mine' }, other(3))
    const withoutCache = (text: string) => text.replace(/"cache":"[^"]*"/, '')
    expect(withoutCache(answer.text)).toBe(withoutCache(slow.text))
    const names = (headers: Headers) =>
      [...headers.keys()].filter((name) => !/date|keep-alive|connection/.test(name)).sort()
    expect(names(answer.headers)).toEqual(names(slow.headers))
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    ['no JSON', '{'],
    ['no question', '{"query": 1}'],
    ['no document', '{"query": "{"}'],
    ['an unknown field', '{"query": "{ nothing }"}'],
    ['a mutation', '{"query": "mutation { x }"}'],
    ['a wrong variable', other(1, { variables: { n: 'x' } })],
    ['a key that changes prototypes', '{"query": "{ dailyRevenue { totalCount } }", "variables": {"__proto__": {}}}'],
    [
      'the same in another spelling',
      '{"query": "{ dailyRevenue { totalCount } }", "variables": {"\\u005f_proto__": {}}}',
    ],
    [
      'deep variables',
      `{"query": "{ dailyRevenue { totalCount } }", "variables": ${'{"a":'.repeat(90)}1${'}'.repeat(90)}}`,
    ],
    ['a page too large', other(1_000_000)],
    [
      'an unknown persisted query',
      `{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "${'0'.repeat(64)}"}}}`,
    ],
    ['a batch', '[]'],
  ])('with %s is told what is wrong with it, as it would be otherwise', async (_, body) => {
    await known()
    const [fast, slow] = [await post({}, body), await post({ 'x-request-id': 'mine' }, body)]
    expect([fast.status, fast.text]).toEqual([slow.status, slow.text])
  })

  test('sees what its role sees, from the warehouse that it names', async () => {
    await known({ 'x-api-key': 'ggk_demo' })
    const answer = await post({ 'x-api-key': 'ggk_demo' }, other(50))
    expect([answer.status, answer.text.includes('"other"'), asked]).toEqual([200, false, []])
    await known({ 'x-goldgate-warehouse': 'none' })
    expect((await post({ 'x-goldgate-warehouse': 'none' }, other(2))).text).toContain('WAREHOUSE_UNKNOWN')
  })

  test('is refused once its key is revoked, and counted where there is a rate', async () => {
    await known()
    keys.delete('ggk_all')
    gateway.catalog.publish('duckdb', builds.first)
    expect((await post({}, other(3))).status).toBe(401)
    const statuses = []
    for (let i = 1; i < 8; i++) statuses.push((await post({ 'x-api-key': 'ggk_hasty' }, other(i))).status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(2)
  })

  test('reads the build that is published now', async () => {
    await known()
    expect(build((await post({}, other(4))).text)).toBe('b1')
    gateway.catalog.publish('duckdb', builds.second)
    expect(build((await post({}, other(5))).text)).toBe('b2')
  })

  test('fails inside with a reference, as every request does', async () => {
    await known()
    warehouses.duckdb.failure = new Error('a secret of the inside')
    const answer = await post({}, other(6))
    expect(answer.text).toContain('INTERNAL_ERROR')
    expect(answer.text).not.toContain('secret')
  })
})

test('a gateway that closes answers nothing again', async () => {
  await settled()
  await gateway.gateway.close()
  await expect(post()).rejects.toThrow()
})
