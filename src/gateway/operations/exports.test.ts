import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../../resolvers/index.js'
import { tightened } from '../../../resolvers/limits/tightened.js'
import {
  builds,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../../tests/fixtures/gateway/gateway.js'
import { writeBuild } from '../../../tests/fixtures/gateway/gold-rows.js'
import type { RecordingWarehouse } from '../../../tests/fixtures/gateway/recording-warehouse.js'
import { rowOf } from '../../../tests/fixtures/gateway/related-rows.js'
import { keyVerifier } from '../callers/api-keys.js'

const query = '{ dailyRevenue { nodes { source revenueDate netRevenue } } }'
const stallMs = 400
/** More than any buffer between the server and its client takes in. */
const long = { buildId: 'long', tag: 'long_1' }
const longRows = Array.from({ length: 20 }, (_, i) =>
  rowOf('inventory_risk', { source: 'demo', inventory_id: `${i}`, product_name: 'x'.repeat(1_000_000) }),
)

let warehouses: TestWarehouses
let warehouse: RecordingWarehouse
let administrator: pg.Client
let gateway: TestGateway
/** Gives up early. */
let impatient: TestGateway
let port: number
let portOfImpatient: number
const sockets = new Set<Socket>()

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  warehouse = warehouses.postgres
  gateway = await new TestGateway(new Map([['postgres', warehouse]])).start({
    metrics: true,
    limits: { exportWaitMs: 50 },
    roles: [
      { name: 'narrow', rows: {}, hide: [], limits: { maxPageSize: 5 } },
      { name: 'single', rows: {}, hide: [], limits: { exports: 1 } },
      { name: 'exporting', rows: {}, hide: [], limits: { maxPageSize: 5, exportRows: 1_000 } },
    ],
  })
  impatient = await new TestGateway(new Map([['postgres', warehouse]])).start({
    metrics: true,
    limits: { exportStallMs: stallMs },
  })
  await writeBuild(warehouse, long, { inventory_risk: longRows })
  gateway.catalog.publish('postgres', long)
  gateway.catalog.publish('postgres', builds.first)
  administrator = new pg.Client({ connectionString: warehouses.postgresUrl })
  await administrator.connect()
  port = await listening(gateway)
  portOfImpatient = await listening(impatient)
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  warehouse.endless = false
  warehouse.behindRows = async () => undefined
  warehouse.streamEnded = () => undefined
  await expect.poll(() => metrics(), { timeout: 10_000 }).not.toMatch(/goldgate_export_places\{.*state="busy"\} [1-9]/)
})
afterAll(async () => {
  await Promise.all([gateway?.gateway.close(), impatient?.gateway.close(), administrator?.end()])
  await warehouses?.close()
})

const metrics = async ({ gateway: { app } } = gateway): Promise<string> => (await app.inject('/metrics')).body
const listening = async ({ gateway: { app } }: TestGateway): Promise<number> =>
  Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)

/** A client that takes the beginning of an export, and then nothing. */
async function slowReader(
  address = '127.0.0.1',
  to = port,
  role = 'unrestricted',
): Promise<{ readonly socket: Socket; readonly begun: string }> {
  const body = JSON.stringify({ query, format: 'ndjson' })
  const socket = connect({ host: '127.0.0.1', port: to, localAddress: address })
  sockets.add(socket)
  socket.on('error', () => undefined)
  socket.write(
    `POST /export HTTP/1.1\r\nHost: localhost\r\nX-Goldgate-Role: ${role}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const [begun] = (await once(socket, 'data')) as [Buffer]
  socket.pause()
  return { socket, begun: begun.toString() }
}

/** What arrives of an export, and whether it came to its end. */
async function received(body: Record<string, unknown>): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const answer = await fetch(`http://127.0.0.1:${port}/export`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of answer.body ?? []) pieces.push(piece)
  } catch {
    return { bytes: Buffer.concat(pieces), whole: false }
  }
  return { bytes: Buffer.concat(pieces), whole: true }
}

const streamEnds = (): Promise<void> =>
  new Promise((resolve) => {
    warehouse.streamEnded = resolve
  })

test('a caller who reads slowly leaves places for exports to others, and gets them again when he has left', async () => {
  warehouse.endless = true
  const readers = [await slowReader(), await slowReader()]
  expect(readers.map(({ begun }) => begun.split('\r\n')[0])).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'])
  const third = await slowReader()
  expect(third.begun).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n.*"code":"EXPORTS_BUSY"/s)
  const other = await slowReader('127.0.0.2')
  expect(other.begun).toMatch(/^HTTP\/1\.1 200 /)
  expect(await metrics()).toContain('goldgate_export_places{warehouse="postgres",state="busy"} 3')
  const ends = streamEnds()
  readers[0]?.socket.destroy()
  await ends
  expect((await slowReader()).begun).toMatch(/^HTTP\/1\.1 200 /)
})

test('an export breaks off when the key that it was asked for with is revoked, and not at a publish', async () => {
  const keys = new Map([['ggk_one', { id: 'one', roles: ['unrestricted'], claims: {} }]])
  const authentication = { verifiers: [keyVerifier({ find: async (key) => keys.get(key) })] }
  const guarded = await new TestGateway(new Map([['postgres', warehouse]])).start({ authentication })
  onTestFinished(() => guarded.gateway.close())
  guarded.catalog.live = true
  warehouse.endless = true
  const answer = await fetch(`http://127.0.0.1:${await listening(guarded)}/export`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'ggk_one' },
    body: JSON.stringify({ query, format: 'ndjson' }),
  })
  const reader = answer.body?.getReader()
  const read = async (bytes: number) => {
    for (let left = bytes; left > 0; ) left -= (await reader?.read())?.value?.length ?? bytes
  }
  guarded.catalog.publish('postgres', builds.second)
  await read(5_000_000)
  keys.clear()
  guarded.catalog.publish('postgres', builds.first)
  await expect(read(Number.POSITIVE_INFINITY)).rejects.toThrow()
  expect(guarded.logged.map(({ message }) => message)).toEqual(['An export broke off'])
})

test('a role may have fewer exports side by side than others', async () => {
  warehouse.endless = true
  const begun = async (role: string) => (await slowReader('127.0.0.1', port, role)).begun
  expect(await begun('single')).toMatch(/^HTTP\/1\.1 200 /)
  expect(await begun('single')).toMatch(/^HTTP\/1\.1 503 .*may at the same time: 1\..*"code":"EXPORTS_BUSY"/s)
  expect(await begun('unrestricted')).toMatch(/^HTTP\/1\.1 200 /)
})

test('when all places are taken, whoever they are taken by, the next one is told to come again', async () => {
  warehouse.endless = true
  for (const address of ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2']) await slowReader(address)
  const { begun } = await slowReader('127.0.0.3')
  expect(begun).toContain('All places for exports from warehouse postgres are taken. Ask again in 1 s.')
  const json = await gateway.ask('{ dailyRevenue(first: 1) { nodes { source } } }')
  expect(json.status).toBe(200)
})

test('a client that takes nothing is given up: its statement ends, and its answer lacks the end', async () => {
  warehouse.endless = true
  const ends = streamEnds()
  const { socket } = await slowReader('127.0.0.1', portOfImpatient)
  await ends
  expect(impatient.logged.map(({ message }) => message)).toEqual([
    'An export was given up: its client took nothing of it',
  ])
  let tail = ''
  socket.on('data', (data: Buffer) => {
    tail = (tail + data.toString('latin1')).slice(-7)
  })
  socket.resume()
  await once(socket, 'close')
  expect(tail).not.toBe('\r\n0\r\n\r\n')
  expect(await metrics(impatient)).toMatch(/goldgate_exports_total\{warehouse="postgres",outcome="stalled"\} [1-9]/)
})

test.each([
  ['ndjson', 400, 'proxy_http_version 1.1'],
  ['csv', 400, 'proxy_http_version 1.1'],
  ['json', 200, '"rows":'],
])('over HTTP/1.0, where a part would look whole, %s is answered with %i', async (format, status, holds) => {
  const body = JSON.stringify({ query, format })
  const socket = connect(port, '127.0.0.1')
  sockets.add(socket)
  socket.write(
    `POST /export HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const answer = await text(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer).toContain(holds)
})

test.each(['csv', 'ndjson', 'arrow'])(
  'an export in %s lacks its end when the server ends its backend in the middle, and the next one is whole',
  async (format) => {
    const asked = { query: '{ inventoryRisk { nodes { inventoryId productName } } }', build: long.buildId, format }
    gateway.logged.length = 0
    let ended: number | null = null
    warehouse.behindRows = async () => {
      if (ended !== null) return
      ended = (
        await administrator.query(
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'goldgate reader' AND state = 'active'`,
        )
      ).rowCount
    }
    const part = await received(asked)
    expect([ended, part.whole]).toEqual([1, false])
    const again = await received(asked)
    expect(again.whole).toBe(true)
    expect(part.bytes.length).toBeLessThan(again.bytes.length)
    expect(part.bytes.length).toBeGreaterThan(0)
    const end = again.bytes.subarray(-8)
    if (format === 'arrow') expect(part.bytes.subarray(-8)).not.toEqual(end)
    else expect(again.bytes.toString().trimEnd().split('\n')).toHaveLength(longRows.length + (format === 'csv' ? 1 : 0))
    expect(gateway.logged.filter(({ message }) => message === 'An export broke off')).toHaveLength(1)
  },
)

test('an export of any length takes no more memory than a short one', async () => {
  warehouse.endless = true
  const { socket } = await slowReader()
  let bytes = 0
  const megabytesInUseBehind = (megabytes: number) =>
    new Promise<number>((resolve) => {
      const take = (data: Buffer) => {
        bytes += data.length
        if (bytes < megabytes * 1e6) return
        socket.off('data', take)
        resolve(process.memoryUsage().rss / 1e6)
      }
      socket.on('data', take).resume()
    })
  const early = await megabytesInUseBehind(50)
  const late = await megabytesInUseBehind(350)
  expect(late - early).toBeLessThan(100)
})

test('a client that waits for a slow warehouse is not given up', async () => {
  warehouse.behindRows = () => sleep(2 * stallMs)
  const answer = await fetch(`http://127.0.0.1:${portOfImpatient}/export`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  expect((await answer.text()).split('\n')).toHaveLength(27)
})

test('a role with small pages exports no more than a page, unless it says so', async () => {
  const as = async (role: string) =>
    (
      await gateway.gateway.app.inject({
        ...{ method: 'POST', url: '/export', payload: { query } },
        headers: { 'x-goldgate-role': role },
      })
    ).statusCode
  expect([await as('narrow'), await as('exporting')]).toEqual([400, 200])
})

test('a role whose pages are no smaller than those of all exports as all do', () => {
  const { exportRows } = tightened(defaultLimits, { maxPageSize: defaultLimits.maxPageSize })
  expect(exportRows).toBeUndefined()
  expect(tightened({ ...defaultLimits, exportRows: 3 }, { maxPageSize: 5, exportRows: 9 }).exportRows).toBe(3)
})
