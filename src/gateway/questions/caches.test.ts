import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { goldModels } from '../../../models/gold/index.js'
import type { RowRule } from '../../../resolvers/access/definition.js'
import {
  builds,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../../tests/fixtures/gateway/gateway.js'
import { RecordingWarehouse } from '../../../tests/fixtures/gateway/recording-warehouse.js'
import { sampleRows } from '../../../tests/fixtures/gateway/sample.js'
import { WarehouseError } from '../../../warehouses/contract/errors.js'
import type { GatewaySettings } from '../settings.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
})
/** A gateway with empty caches for each test; the warehouses are what takes time. */
beforeEach(async () => {
  const { duckdb, postgres } = warehouses
  gateway = await new TestGateway(
    new Map([
      ['duckdb', duckdb],
      ['postgres', postgres],
    ]),
  ).start({ cache: { megabytes: 4 }, fallback: { duckdb: 'postgres' }, roles })
  gateway.reset()
  return () => gateway.gateway.close()
})
afterAll(() => warehouses?.close())

/** Roles that see one source each, for those who may choose. */
const roles = ['demo', 'other'].map((source) => ({
  ...{ name: source, hide: [], limits: {} },
  rows: { source: { eq: source, visibleWithout: goldModels.map(({ name }) => name) } },
}))

const cents = (text: string): string =>
  [...new Set([...text.matchAll(/netRevenue":"\d+\.(\d\d)"/g)].map(([, c]) => c))].join()
const page = '{ dailyRevenue(first: 3) { nodes { source netRevenue } totalCount } }'
const cacheOf = (body: { extensions?: { goldgate: object } | undefined }) =>
  (body.extensions?.goldgate as { cache?: string } | undefined)?.cache

describe.each([true, false])('with pointers in memory: %s,', (live) => {
  beforeEach(() => {
    gateway.catalog.live = live
  })

  test('the same question again reads no warehouse and has the same data, with extensions of now', async () => {
    const first = await gateway.ask(page)
    const read = warehouses.duckdb.readings.length
    gateway.catalog.publish('duckdb', builds.first, { stale: true, gate: 'failed' })
    const second = await gateway.ask(page)
    expect([cacheOf(first.body), cacheOf(second.body)]).toEqual(['miss', 'hit'])
    expect(second.body.data).toEqual(first.body.data)
    expect(second.body.extensions?.goldgate.builds).toMatchObject([{ build: 'b1', stale: true, gate: 'failed' }])
    expect(warehouses.duckdb.readings).toHaveLength(read)
  })

  test('after a publish the new build answers, and after a rollback the old one', async () => {
    const seen: string[] = []
    for (const build of [builds.first, builds.second, builds.first, builds.second]) {
      gateway.catalog.publish('duckdb', build)
      for (let i = 0; i < 2; i++) seen.push(cents((await gateway.ask(page)).text))
    }
    expect(seen).toEqual(['01', '01', '02', '02', '01', '01', '02', '02'])
  })

  test('a build that is named is answered from the cache after a publish, and not once it is dropped', async () => {
    const query = '{ dailyRevenue(build: "b1", first: 3) { nodes { netRevenue } } }'
    await gateway.ask(query)
    gateway.catalog.publish('duckdb', builds.second)
    const kept = await gateway.ask(query)
    expect([cacheOf(kept.body), cents(kept.text)]).toEqual(['hit', '01'])
    gateway.catalog.drop('duckdb', 'b1')
    expect(await gateway.codes(query)).toEqual(['BUILD_UNKNOWN'])
  })

  test('two warehouses in one question are current both or not at all', async () => {
    const query =
      '{ d: dailyRevenue(first: 1) { nodes { netRevenue } } p: dailyRevenue(first: 1, warehouse: "postgres") { nodes { netRevenue } } }'
    await gateway.ask(query)
    expect(cacheOf((await gateway.ask(query)).body)).toBe('hit')
    gateway.catalog.publish('postgres', builds.second)
    expect(cents((await gateway.ask(query)).text)).toBe('01,02')
  })
})

test('roles, variables, operations and the warehouse header are questions of their own; the order of variables is not', async () => {
  const query =
    'query A($a: Int, $b: String) { dailyRevenue(first: $a, after: $b) { nodes { source } } } query B { dailyRevenue(first: 1) { totalCount } }'
  const ask = async (body: object, headers = {}) => gateway.send(JSON.stringify({ query, ...body }), headers)
  const caches: unknown[] = []
  const count = async (body: object, headers = {}) => {
    const answer = await ask(body, headers)
    caches.push(cacheOf(answer.body))
    return answer.text
  }
  await count({ operationName: 'A', variables: { a: 1, b: null } })
  await count({ operationName: 'A', variables: { b: null, a: 1 } })
  await count({ operationName: 'A', variables: { a: 2, b: null } })
  const all = await count({ operationName: 'B' })
  const mine = await count({ operationName: 'B' }, { 'x-goldgate-role': 'demo' })
  const others = await count({ operationName: 'B' }, { 'x-goldgate-role': 'other' })
  await count({ operationName: 'B' }, { 'x-goldgate-warehouse': 'postgres' })
  await count({ operationName: 'B' }, { 'x-goldgate-role': 'demo' })
  expect(caches).toEqual(['miss', 'hit', 'miss', 'miss', 'miss', 'miss', 'miss', 'hit'])
  gateway.catalog.publish('duckdb', builds.first, { dataThrough: { demo: '2024-05-31', other: '2024-04-30' } })
  const told = await count({ operationName: 'B' }, { 'x-goldgate-role': 'demo' })
  expect([caches.pop(), told.includes('2024-04-30')]).toEqual(['hit', false])
  expect([all, mine, others].map((text) => /"totalCount":(\d+)/.exec(text)?.[1])).toEqual(['25', '12', '13'])
})

test('errors, what another warehouse stood in for, and what is not about builds are not kept', async () => {
  const twice = async (query: string) =>
    [await gateway.ask(query), await gateway.ask(query)].map(({ body }) => cacheOf(body))
  expect(await twice('{ dailyRevenue(after: "x") { totalCount } }')).toEqual(['miss', 'miss'])
  expect(await twice('{ parity { equal } }')).toEqual(['off', 'off'])
  expect(await twice('{ __typename dailyRevenue { totalCount } }')).toEqual(['off', 'off'])
  expect(await twice('{ ...F } fragment F on Query { parity { equal } }')).toEqual(['off', 'off'])
  warehouses.duckdb.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'duckdb', 'gone')
  expect(await twice(page)).toEqual(['miss', 'miss'])
  warehouses.duckdb.failure = undefined
  expect(await twice(page)).toEqual(['miss', 'hit'])
})

test('without the control database nothing is answered from the cache', async () => {
  await gateway.ask(page)
  gateway.catalog.failure = new Error('gone')
  expect(await gateway.codes(page)).toEqual(['CONTROL_DATABASE_UNAVAILABLE'])
})

describe('equal statements', () => {
  test('run once, for questions that are different as well', async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => gateway.ask('{ dailyRevenue { totalCount } }')),
      gateway.ask('{ days: dailyRevenue { totalCount pageInfo { __typename } } }'),
    ])
    expect(answers.every(({ text }) => text.includes('"totalCount":25'))).toBe(true)
    expect(warehouses.duckdb.readings).toHaveLength(1)
  })

  test('go on for the others when one client goes away, and are cancelled when all have gone', async () => {
    const signals: AbortSignal[] = []
    let begun = () => {}
    let goOn = () => {}
    const hold = () => {
      const began = new Promise<void>((resolve) => {
        begun = resolve
      })
      const gate = new Promise<void>((resolve) => {
        goOn = resolve
      })
      warehouses.duckdb.before = async ({ options }) => {
        if (options.signal) signals.push(options.signal)
        begun()
        await gate
      }
      return began
    }
    await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = gateway.gateway.app.server.address() as AddressInfo
    const ask = (signal: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}/graphql`, {
        signal,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ dailyRevenue { totalCount } }' }),
      })
    const [a, b, c, d] = Array.from({ length: 4 }, () => new AbortController())
    if (!a || !b || !c || !d) throw new Error('unreachable')
    let began = hold()
    const left = ask(a.signal)
    const stays = ask(b.signal)
    await began
    await new Promise((resolve) => setTimeout(resolve, 50))
    a.abort()
    await expect(left).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    goOn()
    expect(await (await stays).text()).toContain('"totalCount":25')

    gateway.catalog.publish('duckdb', builds.second)
    began = hold()
    const gone = [ask(c.signal), ask(d.signal)]
    await began
    await new Promise((resolve) => setTimeout(resolve, 50))
    c.abort()
    d.abort()
    await Promise.allSettled(gone)
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([false, true])
    goOn()
  })
})

describe('what is kept has its place in memory, which newer ones take from older ones:', () => {
  let small: TestGateway
  beforeEach(async () => {
    small = await new TestGateway(gateway.warehouses).start({ cache: { megabytes: 1 } })
    return () => small.gateway.close()
  })

  test('bodies of answers', async () => {
    const ask = async (n: number) => {
      const { body, text } = await small.ask(
        `{ dailyRevenue(first: 25) { nodes { ${'x'.repeat(1_000)}${n}: source } } }`,
      )
      return { cache: cacheOf(body), bytes: text.length }
    }
    for (let n = 1; n <= 40; n++) expect((await ask(n)).cache).toBe('miss')
    let kept = 0
    for (let n = 40; n > 0; n--) {
      const { cache, bytes } = await ask(n)
      if (cache !== 'hit') break
      kept += bytes
    }
    expect(kept).toBeGreaterThan(100_000)
    expect(kept).toBeLessThan(0.375 * 2 ** 20)
    expect((await ask(1)).cache).toBe('miss')
  })

  test.each([
    ['rows', 'dailyRevenueBy', 60],
    ['text', 'dailyRevenue', 150],
  ])('%s of statements', async (_, field, statements) => {
    const columns = 'source revenueDate netRevenue grossRevenue taxTotal totalOrders completedOrders'
    // Another name is another question with the same statement.
    const readings = async (n: number, name: string) => {
      const before = warehouses.duckdb.readings.length
      await small.data(`{ ${name}: ${field}(first: 25, where: { source: { ne: "${n}" } }) { nodes { ${columns} } } }`)
      return warehouses.duckdb.readings.length - before
    }
    for (let n = 1; n <= statements; n++) expect(await readings(n, 'a')).toBe(1)
    expect(await readings(statements, 'b')).toBe(0)
    expect(await readings(1, 'b')).toBe(1)
  })
})

test('two warehouses of one kind, with builds of one tag, do not share answers', async () => {
  const more = await openTestWarehouses((shift) => sampleRows(shift + 10))
  const kinds = ['duckdb', 'postgres'] as const
  const all = kinds.flatMap((kind) => [
    [kind, warehouses[kind]] as const,
    [`${kind}_twin`, new RecordingWarehouse(`${kind}_twin`, more[kind])] as const,
  ])
  const twins = await new TestGateway(new Map(all)).start({ cache: { megabytes: 4 } })
  onTestFinished(async () => {
    await twins.gateway.close()
    await more.close()
  })
  const named = (warehouse: string) =>
    `{ dailyRevenue(first: 3, warehouse: "${warehouse}") { nodes { source netRevenue } totalCount } }`
  const groups = '{ dailyRevenueBy { nodes { source revenueDate netRevenue } } }'
  for (const [name] of all) {
    const own = name.endsWith('twin') ? '11' : '01'
    const header = { 'x-goldgate-warehouse': name }
    for (const cache of ['miss', 'hit'])
      for (const answer of [
        await twins.ask(page, undefined, header),
        await twins.ask(groups, undefined, header),
        await twins.ask(named(name)),
      ])
        expect([name, cacheOf(answer.body), cents(answer.text)]).toEqual([name, cache, own])
  }
})

describe('GET', () => {
  const get = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
    gateway.gateway.app.inject({
      url: `/graphql?${new URLSearchParams(parameters)}`,
      headers: { 'apollo-require-preflight': '1', ...headers },
    })

  test('is answered 304 from the tag alone while builds, what is said of them, caller and question are the same', async () => {
    const first = await get({ query: page })
    const etag = String(first.headers.etag)
    const read = warehouses.duckdb.readings.length
    const again = (parameters = { query: page }, headers = {}) =>
      get(parameters, { 'if-none-match': `"other", ${etag}`, ...headers })
    const unchanged = await again()
    expect([unchanged.statusCode, unchanged.body, unchanged.headers.etag]).toEqual([304, '', etag])
    expect(warehouses.duckdb.readings).toHaveLength(read)

    expect((await again({ query: `${page} ` })).statusCode).toBe(200)
    expect((await again(undefined, { 'x-goldgate-role': 'demo' })).statusCode).toBe(200)
    expect((await again(undefined, { 'x-goldgate-warehouse': 'postgres' })).statusCode).toBe(200)
    gateway.catalog.publish('duckdb', builds.first, { stale: true })
    expect((await again()).statusCode).toBe(200)
    gateway.catalog.publish('duckdb', builds.first, { held: true })
    expect((await again()).statusCode).toBe(200)
    gateway.catalog.publish('duckdb', builds.second)
    expect((await again()).statusCode).toBe(200)
    gateway.catalog.publish('duckdb', builds.first)
    expect((await again()).statusCode).toBe(304)
  })

  test('a gateway that never saw the question, or keeps nothing, answers 304 too', async () => {
    const etag = String((await get({ query: page })).headers.etag)
    const fresh = await new TestGateway(gateway.warehouses).start({ roles })
    const read = warehouses.duckdb.readings.length
    const headers = { 'apollo-require-preflight': '1', 'if-none-match': etag }
    const answer = await fresh.gateway.app.inject({ url: `/graphql?${new URLSearchParams({ query: page })}`, headers })
    expect(answer.statusCode).toBe(304)
    expect(warehouses.duckdb.readings).toHaveLength(read)
    await fresh.gateway.close()
  })

  test('another version of the program, or of the rules, sends its own answer', async () => {
    const models = goldModels.filter(({ name }) => name === 'daily_revenue')
    const tagOf = async (settings: Partial<GatewaySettings>, kept = '') => {
      const fresh = await new TestGateway(gateway.warehouses).start({ version: '1.0.0', models, ...settings })
      const headers = { 'apollo-require-preflight': '1', 'if-none-match': kept, 'x-goldgate-role': 'some' }
      const { statusCode, headers: sent } = await fresh.gateway.app.inject({
        ...{ url: `/graphql?${new URLSearchParams({ query: page })}`, headers },
      })
      await fresh.gateway.close()
      return [statusCode, String(sent.etag)] as const
    }
    const some = { name: 'some', rows: {}, hide: ['discount_total'], limits: {} }
    const [, etag] = await tagOf({ roles: [some] })
    expect(await tagOf({ roles: [some] }, etag)).toEqual([304, etag])
    for (const settings of [
      { roles: [some], version: '1.0.1' },
      { roles: [{ ...some, hide: ['tax_total'] }] },
      { roles: [some], limits: { maxPageSize: 999 } },
    ])
      expect((await tagOf(settings, etag))[0]).toBe(200)
  })

  test('other rules for the rows of a role, or others for a claim with the same value, send their own answer', async () => {
    const models = goldModels.filter(({ name }) => name === 'daily_revenue')
    const verify = async () => ({ name: 'somebody', roles: ['some'], claims: { sources: ['demo'] } })
    const rules: readonly RowRule[] = [
      { in: ['demo'] },
      { in: ['other'] },
      { in: '$claims.sources' },
      { in: ['$claims.sources', 'other'] },
    ]
    const ruled = await Promise.all(
      rules.map((source) =>
        new TestGateway(gateway.warehouses).start({
          ...{ models, roles: [{ name: 'some', rows: { source }, hide: [], limits: {} }] },
          authentication: { verifiers: [{ takes: () => true, verify }] },
        }),
      ),
    )
    onTestFinished(async () => {
      await Promise.all(ruled.map((each) => each.gateway.close()))
    })
    // What is told of the build is the same to all of them.
    for (const { catalog } of ruled) catalog.publish('duckdb', builds.first, { dataThrough: {} })
    const ask = async (asked: TestGateway, kept = '') => {
      const headers = { 'apollo-require-preflight': '1', 'if-none-match': kept, 'x-api-key': 'any' }
      const answer = await asked.gateway.app.inject({
        url: `/graphql?${new URLSearchParams({ query: page })}`,
        headers,
      })
      return [answer.statusCode, String(answer.headers.etag)] as const
    }
    const tags = await Promise.all(ruled.map(async (each) => (await ask(each))[1]))
    expect(new Set(tags).size).toBe(rules.length)
    for (const [i, each] of ruled.entries()) {
      expect(await ask(each, tags[i])).toEqual([304, tags[i]])
      expect(await ask(each, tags.toSpliced(i, 1).join())).toEqual([200, tags[i]])
    }
  })

  test.each([
    ['any', '*'],
    ['empty', '""'],
    ['short', 'W/"a.b"'],
    ['half right', `W/"${Buffer.from('[[],[]]').toString('base64url')}.x"`],
    ['long', `"${'x'.repeat(9000)}"`],
  ])('a foreign tag (%s) is passed over', async (_, etag) => {
    expect((await get({ query: page }, { 'if-none-match': etag })).statusCode).toBe(200)
  })

  test('errors have no tag', async () => {
    expect((await get({ query: '{ dailyRevenue(after: "x") { totalCount } }' })).headers.etag).toBeUndefined()
    expect((await get({ query: '{ parity { equal } }' })).headers.etag).toBeUndefined()
  })
})

describe('a persisted query', () => {
  const hash = createHash('sha256').update(page).digest('hex')
  const extensions = (sha256Hash: unknown, version: unknown = 1) => ({ persistedQuery: { version, sha256Hash } })
  const send = (body: object) => gateway.send(JSON.stringify(body))

  test('is unknown until it is sent once beside its hash, then the hash is enough, for GET as well', async () => {
    const unknown = await send({ extensions: extensions(hash) })
    expect([unknown.status, unknown.body.errors?.[0]]).toMatchObject([
      200,
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ])
    const registered = await send({ query: page, extensions: extensions(hash) })
    const known = await send({ extensions: extensions(hash) })
    expect(known.body.data).toEqual(registered.body.data)
    expect(cacheOf(known.body)).toBe('hit')
    const url = `/graphql?${new URLSearchParams({ extensions: JSON.stringify(extensions(hash)) })}`
    const got = await gateway.gateway.app.inject({ url, headers: { 'apollo-require-preflight': '1' } })
    expect(got.json().data).toEqual(registered.body.data)
    expect(got.headers.etag).toBeDefined()
  })

  test('is answered 304 to who has its answer, without a reading, and anew after a publish', async () => {
    await send({ query: page, extensions: extensions(hash) })
    const url = `/graphql?${new URLSearchParams({ extensions: JSON.stringify(extensions(hash)) })}`
    const get = (kept = '') =>
      gateway.gateway.app.inject({ url, headers: { 'apollo-require-preflight': '1', 'if-none-match': kept } })
    const etag = String((await get()).headers.etag)
    const read = warehouses.duckdb.readings.length
    const unchanged = await get(etag)
    expect([unchanged.statusCode, unchanged.body, unchanged.headers.etag]).toEqual([304, '', etag])
    expect(warehouses.duckdb.readings).toHaveLength(read)
    gateway.catalog.publish('duckdb', builds.second)
    const changed = await get(etag)
    expect([changed.statusCode, cents(changed.body)]).toEqual([200, '02'])
    expect(changed.headers.etag).not.toBe(etag)
  })

  test('a bad document is not registered', async () => {
    const query = '{ nothing }'
    const sha = createHash('sha256').update(query).digest('hex')
    expect((await send({ query, extensions: extensions(sha) })).body.errors?.[0]?.extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect((await send({ extensions: extensions(sha) })).body.errors?.[0]?.extensions.code).toBe(
      'PERSISTED_QUERY_NOT_FOUND',
    )
  })

  test.each([
    [hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')), 1],
    ['x', 1],
    [7, 1],
    [hash, 2],
  ])('the hash %j of version %j beside it is refused', async (sha, version) => {
    const answer = await send({ query: page, extensions: extensions(sha, version) })
    expect([answer.status, answer.body.errors?.[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST'])
  })
})
