import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { shopAnswers } from '../../../tests/fixtures/gateway/shop-answers.js'
import { shopRows } from '../../../tests/fixtures/gateway/shop-rows.js'

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses(() => shopRows)
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('an operation that comes along, asked of %s,', (name) => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await new TestGateway(new Map([[name, warehouses[name]]])).start({
      operations: [join(import.meta.dirname, '../../../operations')],
    })
  })
  afterAll(() => gateway?.gateway.close())

  const get = (url: string) => gateway.gateway.app.inject({ url })
  const rowsOf = async (path: string, query: string) =>
    (await get(`/api/v1/${path}?${query}`)).json<{ rows: readonly Record<string, unknown>[] }>().rows

  test.each(Object.entries(shopAnswers))('%s answers with the figures of the shops', async (path, answers) => {
    for (const [query, lines] of Object.entries(answers.rows)) {
      const csv = await get(`/api/v1/${path}.csv?${query}`)
      expect([query, ...csv.body.trimEnd().split('\n')]).toEqual([query, answers.columns, ...lines])
      const rows = await rowsOf(path, query)
      expect(Object.keys(rows[0] ?? {}).join(',')).toBe(answers.columns)
      expect([query, ...rows.map((row) => Object.values(row).join(','))]).toEqual([query, ...lines])
    }
  })

  test('has rows for each of its parameters here, whichever it is', async () => {
    const { paths } = (await get('/openapi.json')).json<{
      paths: Record<string, { get: { tags: readonly string[]; parameters: readonly { name: string }[] } }>
    }>()
    const common = ['format', 'limit', 'after', 'warehouse', 'build', 'decimals', 'bom']
    const told = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/v1/') && !path.endsWith('.{format}'))
      .map(([path, { get }]) => [
        path.slice('/api/v1/'.length),
        get.parameters.map((each) => each.name).filter((each) => !common.includes(each)),
      ])
    const asked = Object.entries(shopAnswers).map(([path, { rows }]) => {
      const queries = Object.keys(rows).map((query) => [...new URLSearchParams(query).keys()])
      expect([path, Object.values(rows).filter((lines) => lines.length === 0)]).toEqual([path, []])
      return [path, queries.flat()]
    })
    const known = (all: readonly (readonly unknown[])[]) =>
      Object.fromEntries(all.map(([path, names]) => [path, [...new Set(names as string[])].sort()]))
    expect(known(asked)).toEqual(known(told))
  })

  test.each([
    ['kpis/overview', ''],
    ['revenue/daily', ''],
    ['products/performance', ''],
    ['customers/lifetime-value', ''],
    ['inventory/risk', 'stock_status=low_stock'],
    ['campaigns/roi', ''],
    ['stores/performance', ''],
  ])('is there at %s?%s, and has rows', async (path, query) => {
    expect((await rowsOf(path, query)).length).toBeGreaterThan(0)
  })

  test('revenue/monthly adds all months up beside them', async () => {
    const totalsOf = async (query: string) => (await get(`/api/v1/revenue/monthly?${query}`)).json().totals
    expect(await totalsOf('')).toEqual({ totalOrders: 11, netRevenue: '525.00', averageOrderValue: '65.63' })
    expect(await totalsOf('limit=1&start_date=2024-02-01&end_date=2024-03-10')).toEqual({
      ...{ totalOrders: 7, netRevenue: '305.00', averageOrderValue: '61.00' },
    })
  })
})
