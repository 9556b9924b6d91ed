import { once } from 'node:events'
import { connect } from 'node:net'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { builds, openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { firstQuery } from './landing-page.js'
import { type ListenSettings, startGateway } from './listen.js'

const silent = { info() {}, warn() {}, error() {} }
let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(warehouses.both).start()
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const listening = (settings: Partial<ListenSettings> = {}) =>
  startGateway({
    warehouses: gateway.warehouses,
    defaultWarehouse: 'duckdb',
    catalog: gateway.catalog,
    introspection: true,
    landingPage: true,
    logger: silent,
    host: '127.0.0.1',
    port: 0,
    ...settings,
  })

describe('health', () => {
  const healthOf = async (url: string, { gateway: { app } } = gateway) => {
    const response = await app.inject({ url })
    return { status: response.statusCode, body: response.json() }
  }
  const ready = () => healthOf('/health/ready')

  test('live needs nothing', async () => {
    gateway.catalog.failure = new Error('gone')
    const response = await gateway.gateway.app.inject({ url: '/health/live' })
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'live' }])
  })

  test('ready says which warehouses are up and what they show', async () => {
    gateway.catalog.publish('postgres', builds.second)
    warehouses.postgres.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'postgres', 'gone')
    expect(await ready()).toEqual({
      status: 200,
      body: {
        status: 'ready',
        controlDatabase: 'up',
        defaultWarehouse: 'duckdb',
        warehouses: { duckdb: { status: 'up', build: 'b1' }, postgres: { status: 'down', build: 'b2' } },
      },
    })
  })

  test('is not ready without the control database', async () => {
    gateway.catalog.failure = new Error('gone')
    expect(await ready()).toMatchObject({ status: 503, body: { status: 'not ready', controlDatabase: 'down' } })
  })

  test('in short tells the same of the process, and nothing of each warehouse', async () => {
    warehouses.postgres.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', 'postgres', 'gone')
    expect(await healthOf('/health')).toEqual({
      status: 200,
      body: { status: 'ready', controlDatabase: 'up', defaultWarehouse: 'duckdb' },
    })
    gateway.catalog.failure = new Error('gone')
    expect(await healthOf('/health')).toEqual({
      status: 503,
      body: { status: 'not ready', controlDatabase: 'down', defaultWarehouse: 'duckdb' },
    })
  })

  test('is not ready before the default warehouse has a published build, or while the process says so', async () => {
    const published = { published: async () => new Map(), retained: async () => undefined }
    const without = await new TestGateway(gateway.warehouses).start({ catalog: published })
    const notReady = { status: 503, body: { status: 'not ready', controlDatabase: 'up', defaultWarehouse: 'duckdb' } }
    for (const url of ['/health', '/health/ready']) expect(await healthOf(url, without)).toMatchObject(notReady)
    await without.gateway.close()
    const starting = await new TestGateway(gateway.warehouses).start({
      readiness: () => Promise.reject(new Error('starting')),
    })
    for (const url of ['/health', '/health/ready']) expect(await healthOf(url, starting)).toMatchObject(notReady)
    await starting.gateway.close()
  })
})

describe('the landing page', () => {
  const page = (instance: TestGateway) =>
    instance.gateway.app.inject({ url: '/graphql', headers: { accept: 'text/html' } })

  test.each(['production', 'development'])(
    'gives Apollo Sandbox with a first query when NODE_ENV is %s',
    async (env) => {
      const before = process.env.NODE_ENV
      process.env.NODE_ENV = env
      try {
        const instance = await new TestGateway(gateway.warehouses).start()
        const response = await page(instance)
        expect(response.statusCode).toBe(200)
        expect(response.body).toContain('embeddable-sandbox')
        expect(response.body).toContain('dailyRevenue')
        await instance.gateway.close()
      } finally {
        process.env.NODE_ENV = before
      }
    },
  )

  test('is the page of the bare address', async () => {
    const { app } = gateway.gateway
    const response = await app.inject({ url: '/', headers: { accept: 'text/html' } })
    expect([response.statusCode, response.headers.location]).toEqual([302, 'graphql'])
    const facts = (await app.inject({ url: '/' })).json()
    expect(facts).toMatchObject({ name: 'goldgate', links: { graphql: 'graphql', health: 'health' } })
  })

  test('is absent when it is switched off', async () => {
    const instance = await new TestGateway(gateway.warehouses).start({ landingPage: false })
    expect((await page(instance)).body).not.toContain('sandbox')
    await instance.gateway.close()
  })

  test('proposes a query that runs', async () => {
    const [first, ...others] = goldModels.map(firstQuery)
    expect(await gateway.codes(first ?? '')).toEqual([])
    for (const query of others) expect(await gateway.codes(query)).not.toContain('GRAPHQL_VALIDATION_FAILED')
  })
})

describe('introspection', () => {
  const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true })

  test('passes the limits, whatever NODE_ENV says', async () => {
    expect(await gateway.codes(query)).toEqual([])
  })

  test('is refused when it is switched off, and nothing of the schema is suggested', async () => {
    const instance = await new TestGateway(gateway.warehouses).start({ introspection: false })
    expect(await instance.codes(query)).toContain('GRAPHQL_VALIDATION_FAILED')
    expect((await instance.ask('{ dailyRevenu { totalCount } }')).text).not.toContain('dailyRevenue')
    await instance.gateway.close()
  })
})

test('a request leaves one line in the log, without what it asked', async () => {
  await gateway.gateway.app.inject({ url: '/graphql?query={secret}' })
  await gateway.data('{ dailyRevenue(where: { source: { eq: "secret" } }) { totalCount } }')
  const line = {
    ...{ requestId: expect.any(String), path: '/graphql', ms: expect.any(Number) },
    ...{ caller: 'anonymous', role: 'unrestricted' },
  }
  expect(gateway.logged).toEqual([
    { level: 'debug', message: 'request', fields: { ...line, method: 'GET', status: 400 } },
    { level: 'debug', message: 'request', fields: { ...line, method: 'POST', status: 200 } },
  ])
})

describe('a listening gateway', () => {
  test('answers under its address, for GET too when the request is not a simple one', async () => {
    const { url, close } = await listening()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const response = await fetch(`${url}/graphql?query={dailyRevenue{totalCount}}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    expect(await response.json()).toMatchObject({ data: { dailyRevenue: { totalCount: 25 } } })
    await close()
    await close()
    await expect(fetch(`${url}/health/live`)).rejects.toThrow()
  })

  test('answers what has begun before it ends', async () => {
    const { url, close } = await listening()
    let began = () => {}
    let goOn = () => {}
    const begun = new Promise<void>((resolve) => {
      began = resolve
    })
    const gate = new Promise<void>((resolve) => {
      goOn = resolve
    })
    warehouses.duckdb.before = async () => {
      began()
      await gate
    }
    const answer = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ dailyRevenue { totalCount } }' }),
    })
    await begun
    const closed = close()
    goOn()
    expect(await (await answer).json()).toMatchObject({ data: { dailyRevenue: { totalCount: 25 } } })
    await closed
  })

  const strangers: Partial<ListenSettings> = {
    authentication: { verifiers: [{ takes: () => true, verify: async () => undefined }] },
  }
  const head = (host: string, bytes: number, more = '') =>
    `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n${more}\r\n`

  test.each([
    ['sends too much', {}, '', '413', 'REQUEST_TOO_LARGE'],
    ['is a stranger', strangers, '', '401', 'UNAUTHENTICATED'],
    ['asks for another host', {}, 'shop.example', '403', 'HOST_NOT_ALLOWED'],
  ] as const)(
    'tells who %s so, instead of breaking the connection in the middle of his body',
    async (_, settings, asked, status, code) => {
      const { url, close } = await listening(settings)
      const { hostname, port, host } = new URL(url)
      const body = 'x'.repeat(10_000_000)
      const socket = connect(Number(port), hostname)
      // As many clients do: the answer is read when everything was sent.
      await new Promise<void>((sent, failed) => {
        socket.once('error', failed)
        socket.write(head(asked || host, body.length, 'connection: close\r\n'))
        socket.write(body, () => sent())
      })
      const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*${code}`))
      socket.destroy()
      await close()
    },
  )

  test.each([
    ['too large', {}, 10_000_000, '413'],
    ['a stranger’s', strangers, 10, '401'],
    ['for nobody', {}, 10, '404'],
  ] as const)(
    'refuses a body that is %s before it comes, where the client waits to be told to send it',
    async (_, settings, bytes, status) => {
      const { url, close } = await listening(settings)
      const { hostname, port, host } = new URL(url)
      const socket = connect(Number(port), hostname)
      const path = status === '404' ? '/nothing' : '/graphql'
      socket.write(head(host, bytes, 'expect: 100-continue\r\n').replace('/graphql', path))
      const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      // What comes next on it could be taken for the body.
      await once(socket, 'close')
      await close()
    },
  )

  test.each(['/health/live', '/graphql?query={dailyRevenue{totalCount}}'])(
    'takes in no more behind its answer than before it, where %s is asked for with a body',
    async (path) => {
      const { url, close } = await listening({ cache: { megabytes: 8 } })
      gateway.catalog.live = true
      const { hostname, port, host } = new URL(url)
      const socket = connect(Number(port), hostname)
        .setEncoding('utf8')
        .on('error', () => undefined)
      const asked = (bytes: number) =>
        head(host, bytes, 'apollo-require-preflight: 1\r\n').replace('POST /graphql', `GET ${path}`)
      // As often as an answer without a body would be replayed.
      for (let i = 0; i < 3; i++) {
        socket.write(`${asked(5)}GET /`)
        expect((await once(socket, 'data'))[0]).toMatch(/^HTTP\/1\.1 200 /)
      }
      socket.write(`${asked(1e9)}and so on`)
      let answer = ''
      socket.on('data', (piece: string) => {
        answer += piece
      })
      await once(socket, 'close')
      expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
      gateway.catalog.live = false
      await close()
    },
  )

  test('lets a client that waits for it send its body', async () => {
    const { url, close } = await listening()
    const { hostname, port, host } = new URL(url)
    const body = JSON.stringify({ query: '{ dailyRevenue { totalCount } }' })
    const socket = connect(Number(port), hostname).setEncoding('utf8')
    gateway.catalog.live = true
    // As often as makes the head of others known: the third would wait for a body that nobody has asked for.
    for (let i = 0; i < 3; i++) {
      socket.write(head(host, body.length, 'expect: 100-continue\r\n'))
      expect((await once(socket, 'data'))[0]).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
      socket.write(body)
      expect((await once(socket, 'data'))[0]).toMatch(/^HTTP\/1\.1 200 [\s\S]*"totalCount":25/)
    }
    gateway.catalog.live = false
    socket.destroy()
    await close()
  })

  test('refuses what is sent on a connection whose answers nobody waits for', async () => {
    const { url, close } = await listening()
    let release = () => {}
    const released = new Promise<void>((done) => {
      release = done
    })
    warehouses.duckdb.before = () => released
    const { hostname, port, host } = new URL(url)
    const socket = connect(Number(port), hostname)
    const asked = (i: number) =>
      `GET /graphql?query={dailyRevenue(first:${i}){totalCount}} HTTP/1.1\r\nhost: ${host}\r\napollo-require-preflight: 1\r\n\r\n`
    let answers = ''
    socket.setEncoding('utf8').on('data', (piece: string) => {
      answers += piece
    })
    socket.write(Array.from({ length: 100 }, (_, i) => asked(i + 1)).join(''))
    await expect.poll(() => warehouses.duckdb.readings.length).toBeGreaterThan(30)
    release()
    await once(socket, 'close')
    const statuses = [...answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)
    expect(statuses).toEqual([...Array(32).fill('200'), '400'])
    expect(answers).toContain('wait on this connection')
    await close()
  })

  test.each([
    ['what is no HTTP', 'nonsense\r\n\r\n'],
    [
      'a body that is none',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n',
    ],
  ])('answers what was asked before %s on the same connection', async (_, wrong) => {
    const { url, close } = await listening()
    const { hostname, port, host } = new URL(url)
    let release = () => {}
    const released = new Promise<void>((done) => {
      release = done
    })
    warehouses.duckdb.before = () => released
    const socket = connect(Number(port), hostname).setEncoding('utf8')
    const asked = (i: number) =>
      `GET /graphql?query={dailyRevenue(first:${i}){totalCount}} HTTP/1.1\r\nhost: ${host}\r\napollo-require-preflight: 1\r\n\r\n`
    socket.write(asked(1) + asked(2))
    await expect.poll(() => warehouses.duckdb.readings.length).toBe(2)
    socket.write(wrong)
    await (await fetch(`${url}/health/live`)).text()
    // A second mistake on it changes nothing.
    socket.write('more of it\r\n')
    await (await fetch(`${url}/health/live`)).text()
    release()
    let answers = ''
    for await (const piece of socket) answers += piece
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
    await close()
  })

  test('closes a connection that takes nothing of its answers, and no other', async () => {
    const { url, close } = await listening({ limits: { exportStallMs: 500 } })
    const { hostname, port, host } = new URL(url)
    const deaf = connect(Number(port), hostname).pause()
    deaf.on('error', () => undefined)
    const page = `GET /playground HTTP/1.1\r\nhost: ${host}\r\n\r\n`
    const script = /src="([^"]+)"/.exec(await (await fetch(`${url}/playground`)).text())?.[1]
    const file = page.replace('/playground', new URL(script ?? '', `${url}/playground`).pathname)
    // More than the kernel holds for a connection.
    deaf.write(file.repeat(30))
    warehouses.duckdb.before = () => new Promise((done) => setTimeout(done, 1_500))
    const slow = fetch(`${url}/graphql?query={dailyRevenue{totalCount}}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    // Whoever does not read is not told; what he writes is refused.
    const writing = setInterval(() => deaf.write(page), 100)
    await new Promise((closed) => deaf.once('close', closed))
    clearInterval(writing)
    expect((await slow).status).toBe(200)
    await close()
  })

  test('does not wait for connections on which nothing was asked', async () => {
    const { url, close } = await listening()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    await fetch(`${url}/health/live`)
    const ended = once(socket, 'close')
    await close()
    await ended
  }, 3000)

  test('says what is wrong when its port is taken', async () => {
    const first = await listening()
    await expect(listening({ port: Number(new URL(first.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
  })
})
