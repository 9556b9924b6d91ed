import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { formatNames } from './formats/format.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
    ...{ version: '1.2.3', environment: 'local' },
    operations: [join(import.meta.dirname, '../../../operations')],
  })
})
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const get = (url: string, headers: Record<string, string> = {}) => gateway.gateway.app.inject({ url, headers })

interface Openapi {
  readonly openapi: string
  readonly paths: Readonly<
    Record<
      string,
      { readonly get: { readonly parameters: readonly { readonly name: string; readonly schema: object }[] } }
    >
  >
}

test('the OpenAPI document is one, and tells every operation with its parameters', async () => {
  const answer = await get('/openapi.json')
  const document = answer.json<Openapi>()
  const checked = await new Validator().validate(answer.json())
  expect(checked.errors ?? []).toEqual([])
  expect(checked.valid).toBe(true)
  expect(document.openapi).toMatch(/^3\.1/)
  const risk = document.paths['/api/v1/inventory/risk']?.get.parameters
  expect(risk?.map(({ name }) => name)).toEqual([
    ...['stock_status', 'category', 'region', 'source', 'limit', 'after', 'warehouse', 'build', 'decimals', 'bom'],
  ])
  expect(risk?.[0]?.schema).toEqual({
    type: 'array',
    items: { type: 'string', enum: expect.arrayContaining(['out_of_stock', 'low_stock', 'healthy']) },
  })
  const top = document.paths['/api/v1/products/top']?.get.parameters.find(({ name }) => name === 'limit')
  expect(top?.schema).toMatchObject({ default: 10 })
  expect(document.paths).toHaveProperty(['/api/v1/revenue/daily.{format}'])
  const body = answer.json().paths['/export'].post.requestBody.content['application/json'].schema
  expect(body).toMatchObject({ required: ['query'], properties: { format: { enum: formatNames, default: 'csv' } } })
})

test('GET / says what is here', async () => {
  const facts = (await get('/')).json<{ links: Record<string, string> }>()
  expect(facts).toMatchObject({ name: 'goldgate', version: '1.2.3', environment: 'local' })
  for (const link of Object.values(facts.links).filter((each) => each !== 'graphql' && each !== 'export'))
    expect([link, (await get(`/${link}`)).statusCode]).toEqual([link, 200])
})

test('the page loads nothing from another host', async () => {
  const page = await get('/api')
  expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  const own = loaded.filter((url) => url !== 'data:,')
  expect(own).toContain('api/api.js')
  for (const url of own) {
    expect(url).toMatch(/^[a-z][a-z/.]*$/)
    expect((await get(`/${url}`)).statusCode).toBe(200)
  }
})

test('an operation that a role may not ask is as unknown as one that is not there', async () => {
  const restricted = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
    operations: [join(import.meta.dirname, '../../../operations')],
    roles: [{ name: 'sales', rows: {}, hide: ['sale_status'], limits: {} }],
    authentication: { verifiers: [], anonymous: 'sales' },
  })
  const { app, close } = restricted.gateway
  const { paths } = (await app.inject({ url: '/openapi.json' })).json<Openapi>()
  const told = Object.keys(paths)
    .filter((path) => path.startsWith('/api/v1/') && !path.includes('{'))
    .map((path) => path.slice('/api/v1/'.length))
  expect(told).toContain('inventory/risk')
  expect(told).not.toContain('sales/orders')
  for (const path of [
    'sales/orders',
    'sales/orders.csv',
    'sales/orders.xlsx',
    'sales/orders?limit=none',
    'sales/nothing',
  ]) {
    const answer = await app.inject({ url: `/api/v1/${path}` })
    expect([path, answer.statusCode]).toEqual([path, 404])
    const name = path.replace(/\.csv|\?.*/, '')
    expect(answer.json()).toEqual({
      errors: [
        {
          message: `There is no operation "${name}". There are: ${told.join(', ')}.`,
          extensions: { code: 'NOT_FOUND', operations: told },
        },
      ],
    })
  }
  await close()
})
