import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { packageRoot } from '../../../warehouses/package-root.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
    operations: [join(packageRoot(), 'operations')],
  })
})
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const get = (url: string, headers: Record<string, string> = {}) => gateway.gateway.app.inject({ url, headers })

test('the page and all that it loads come from the gateway, under a policy that allows no other host', async () => {
  const page = await get('/playground')
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  const files = loaded.filter((url) => url !== 'data:,')
  expect(files.length).toBeGreaterThan(3)
  for (const url of files) {
    expect(url).toMatch(/^playground\//)
    expect((await get(`/${url}`)).statusCode).toBe(200)
  }
})

test('a file that is there already is not sent again', async () => {
  const first = await get('/playground/playground.js', { 'accept-encoding': 'gzip' })
  expect(first.headers['content-encoding']).toBe('gzip')
  const again = await get('/playground/playground.js', { 'if-none-match': String(first.headers.etag) })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})

test('there is no other file below it', async () => {
  for (const name of ['package.json', '..%2Findex.html', 'constructor', '__proto__'])
    expect((await get(`/playground/${name}`)).statusCode).toBe(404)
})

test('says who asks, which warehouses there are, and questions that can be asked', async () => {
  const session = (await get('/playground/session')).json()
  expect(session).toMatchObject({
    caller: { name: 'anonymous', role: 'unrestricted' },
    warehouses: ['duckdb'],
    defaultWarehouse: 'duckdb',
  })
  expect(session.examples.length).toBeGreaterThan(10)
  for (const { query } of session.examples as { query: string }[]) {
    const answer = await gateway.gateway.app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query },
    })
    // One row of the sample holds an integer that JSON cannot.
    expect(codesOf(answer.json())).toEqual([])
  }
})

const codesOf = ({ errors = [] }: { errors?: { extensions: { code: string } }[] }): string[] =>
  errors.map(({ extensions }) => extensions.code).filter((code) => code !== 'INTEGER_OUT_OF_RANGE')
