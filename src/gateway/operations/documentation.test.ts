import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { shopRows } from '../../../tests/fixtures/gateway/shop-rows.js'
import { formatNames } from './formats/format.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses(() => shopRows)
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

interface Schema {
  readonly type: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly examples?: readonly string[]
  readonly items?: Schema
}

interface ToldParameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly required?: boolean
  readonly schema: Schema
}

interface Openapi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, { readonly get: { readonly parameters: readonly ToldParameter[] } }>>
}

const samples: Readonly<Record<string, string>> = {
  date: '2024-02-29',
  'date-time': '2030-01-01T00:00:00Z',
  integer: '1',
  string: 'any',
}

/** Values that a parameter takes as its schema has it. */
const valuesOf = (schema: Schema): readonly string[] =>
  schema.items
    ? valuesOf(schema.items)
    : (schema.enum ?? schema.examples ?? [samples[schema.format ?? schema.type] ?? 'no sample'])

test.each([
  ['nobody is asked who he is', undefined, [{}]],
  ['one has to say who he is', {}, [{ bearer: [] }, { basic: [] }, { key: [] }]],
  ['one may say who he is', { anonymous: 'unrestricted' }, [{}, { bearer: [] }, { basic: [] }, { key: [] }]],
])('the OpenAPI document tells that %s', async (_, given, security) => {
  const verifier = {
    takes: () => true,
    verify: async () => ({ name: 'somebody', roles: ['unrestricted'], claims: {} }),
  }
  const { gateway: asking } = await new TestGateway(gateway.warehouses).start({
    ...(given && { authentication: { verifiers: [verifier], ...given } }),
  })
  onTestFinished(() => asking.close())
  const document = (await asking.app.inject({ url: '/openapi.json', headers: { 'x-api-key': 'any' } })).json()
  expect((await new Validator().validate(document)).errors ?? []).toEqual([])
  expect(document.security).toEqual(security)
})

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

test('every operation takes the parameters that the document tells of it, and no others', async () => {
  const { paths } = (await get('/openapi.json')).json<Openapi>()
  const operations = Object.entries(paths).filter(([path]) => path.startsWith('/api/v1/') && !path.includes('{'))
  expect(operations).not.toHaveLength(0)
  const anywhere = new Set(
    operations.flatMap(
      ([
        ,
        {
          get: { parameters },
        },
      ]) => parameters.map(({ name }) => name),
    ),
  )
  for (const [
    path,
    {
      get: { parameters },
    },
  ] of operations) {
    const asked = async (given: Readonly<Record<string, string>>) => {
      const answer = await get(`${path}?${new URLSearchParams(given)}`)
      return { given, status: answer.statusCode, body: answer.json() }
    }
    const needed = parameters.filter(({ required }) => required)
    const least = Object.fromEntries(needed.map(({ name, schema }) => [name, valuesOf(schema)[0] ?? '']))
    const first = await asked({ ...least, limit: '1' })
    for (const { name, schema } of parameters) {
      const values = name === 'after' ? [first.body.after] : name === 'build' ? ['b1'] : valuesOf(schema)
      for (const value of values) {
        const given = { ...least, [name]: value }
        expect(await asked(given)).toMatchObject({ given, status: 200 })
      }
    }
    for (const { name } of needed) {
      const { [name]: _, ...given } = least
      expect(await asked(given)).toMatchObject({ status: 400, body: { errors: [{ extensions: { parameter: name } }] } })
    }
    const names = parameters.map(({ name }) => name)
    const others = [...anywhere, 'format', 'first', 'where', 'orderBy', 'offset'].filter(
      (name) => !names.includes(name),
    )
    for (const name of others) {
      const given = { ...least, [name]: '1' }
      const extensions = { code: 'BAD_USER_INPUT', parameter: name, known: names }
      expect(await asked(given)).toMatchObject({ given, status: 400, body: { errors: [{ extensions }] } })
    }
    const [format, ...same] = paths[`${path}.{format}`]?.get.parameters ?? []
    expect(format).toMatchObject({ name: 'format', in: 'path', required: true, schema: { enum: formatNames } })
    expect(same).toEqual(parameters)
  }
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
