import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { type Day, keyOf, type Page, pageOf } from '../../tests/fixtures/gateway/pages.js'
import type { RecordingWarehouse } from '../../tests/fixtures/gateway/recording-warehouse.js'
import { hostileName, sampleRows } from '../../tests/fixtures/gateway/sample.js'
import type { Row } from '../../warehouses/contract/values.js'

const days = sampleRows(1).daily_revenue ?? []
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses()
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('rows from %s', (name) => {
  let gateway: TestGateway
  let warehouse: RecordingWarehouse
  beforeAll(async () => {
    warehouse = warehouses[name]
    gateway = await new TestGateway(new Map([[name, warehouse]])).start()
  })
  beforeEach(() => gateway.reset())
  afterAll(() => gateway?.gateway.close())

  const page = (args: string, variables?: Record<string, unknown>, declared = '') =>
    pageOf(gateway, args, variables, declared)
  const where = async (condition: string): Promise<string[]> => (await page(`(where: ${condition})`)).nodes.map(keyOf)
  const expected = (test: (row: Row) => boolean): string[] =>
    days
      .filter(test)
      .sort(
        (a, b) => byText(String(b.revenue_date), String(a.revenue_date)) || byText(String(a.source), String(b.source)),
      )
      .map((row) => `${row.source} ${row.revenue_date}`)

  test('come newest first, then by key, all of them counted', async () => {
    const { nodes, pageInfo, totalCount } = await page('')
    expect(nodes.map(keyOf)).toEqual(expected(() => true))
    expect(totalCount).toBe(25)
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  })

  test('carry every type exactly', async () => {
    const data = await gateway.data<{ inventoryRisk: { nodes: unknown[] } }>(
      '{ inventoryRisk(first: 3) { nodes { inventoryId productId productName category stockStatus stockQuantity estimatedStockValue lastUpdatedAt } } }',
    )
    expect(data.inventoryRisk.nodes).toEqual([
      {
        inventoryId: 'i1',
        productId: '0101',
        productName: hostileName,
        category: null,
        stockStatus: 'OUT_OF_STOCK',
        stockQuantity: 0,
        estimatedStockValue: null,
        lastUpdatedAt: '1969-07-20T20:17:40.123456Z',
      },
      expect.objectContaining({
        stockStatus: 'LOW_STOCK',
        productName: null,
        lastUpdatedAt: '2024-02-29T23:59:59.999999Z',
      }),
      expect.objectContaining({ stockStatus: 'HEALTHY', stockQuantity: 9007199254740991 }),
    ])
  })

  test.each<[string, (row: Row) => boolean]>([
    ['{ source: { eq: "demo" } }', (row) => row.source === 'demo'],
    ['{ source: { ne: "demo" } }', (row) => row.source !== 'demo'],
    ['{ source: { in: ["other"] } }', (row) => row.source === 'other'],
    ['{ source: { in: [] } }', () => false],
    ['{ source: { notIn: ["other"] } }', (row) => row.source !== 'other'],
    ['{ source: { contains: "the" } }', (row) => row.source === 'other'],
    ['{ source: { contains: "%" } }', () => false],
    ['{ source: { startsWith: "de" } }', (row) => row.source === 'demo'],
    ['{ source: { gt: "demo" } }', (row) => String(row.source) > 'demo'],
    ['{ revenueDate: { lt: "2024-01-03" } }', (row) => String(row.revenue_date) < '2024-01-03'],
    [
      '{ revenueDate: { between: { from: "2024-01-03", to: "2024-01-05" } } }',
      (row) => ['03', '04', '05'].includes(String(row.revenue_date).slice(8)),
    ],
    ['{ totalOrders: { gte: 2 } }', (row) => (row.total_orders as bigint) >= 2n],
    ['{ netRevenue: { lte: 100.01 } }', (row) => ['0.01', '100.01'].includes(String(row.net_revenue))],
    ['{ netRevenue: { eq: "100.010" } }', (row) => row.net_revenue === '100.01'],
    ['{ netRevenue: { eq: "100.011" } }', () => false],
    ['{ netRevenue: { lt: "100.011", gt: "100.009" } }', (row) => row.net_revenue === '100.01'],
    ['{ netRevenue: { lt: "99999999999999999999999999999999999999" } }', () => true],
    ['{ refundTotal: { isNull: true } }', (row) => row.refund_total === null],
    ['{ refundTotal: { isNull: false } }', (row) => row.refund_total !== null],
    ['{ refundTotal: { ne: "1.50" } }', (row) => row.refund_total !== '1.50'],
    ['{ refundTotal: { notIn: ["1.50", "2.50"] } }', (row) => !['1.50', '2.50'].includes(String(row.refund_total))],
    ['{ not: { refundTotal: { gt: "5" } } }', (row) => !(Number(row.refund_total) > 5)],
    [
      '{ or: [{ source: { eq: "other" }, totalOrders: { eq: 0 } }, { revenueDate: { eq: "2024-01-02" } }] }',
      (row) => (row.source === 'other' && row.total_orders === 0n) || row.revenue_date === '2024-01-02',
    ],
    [
      '{ and: [{ source: { eq: "demo" } }, { not: { and: [{ totalOrders: { eq: 1 } }] } }] }',
      (row) => row.source === 'demo' && row.total_orders !== 1n,
    ],
  ])('match %s', async (condition, matches) => {
    expect(await where(condition)).toEqual(expected(matches))
  })

  test('match enums, booleans of isNull, instants and texts with every character', async () => {
    const ids = async (condition: Record<string, unknown>): Promise<unknown[]> => {
      const query = 'query ($where: InventoryRiskWhere) { inventoryRisk(where: $where) { nodes { inventoryId } } }'
      const data = await gateway.data<{ inventoryRisk: { nodes: { inventoryId: string }[] } }>(query, {
        where: condition,
      })
      return data.inventoryRisk.nodes.map((node) => node.inventoryId)
    }
    expect(await ids({ stockStatus: { in: ['OUT_OF_STOCK', 'LOW_STOCK'] } })).toEqual(['i1', 'i2'])
    expect(await ids({ stockStatus: { ne: 'HEALTHY' } })).toEqual(['i1', 'i2'])
    expect(await ids({ productName: { eq: hostileName } })).toEqual(['i1'])
    expect(await ids({ productName: { contains: `%_ ; DROP TABLE y; -- ünï€😀` } })).toEqual(['i1'])
    expect(await ids({ productName: { eq: 'a\0b' } })).toEqual([])
    expect(await ids({ productName: { ne: 'plain' } })).toEqual(['i1', 'i2'])
    expect(await ids({ lastUpdatedAt: { gte: '2024-03-01T01:00:00.000001+01:00' } })).toEqual(['i4'])
    expect(await ids({ stockQuantity: { gt: 9007199254740990 } })).toEqual(['i3', 'i4'])
  })

  test.each([
    ['[{ field: REFUND_TOTAL }]', 'asc', 'last'],
    ['[{ field: REFUND_TOTAL, direction: DESC }]', 'desc', 'last'],
    ['[{ field: REFUND_TOTAL, nulls: FIRST }]', 'asc', 'first'],
    ['[{ field: REFUND_TOTAL, direction: DESC, nulls: FIRST }]', 'desc', 'first'],
  ])('are ordered by %s with ties by key', async (orderBy, direction, nulls) => {
    const { nodes } = await page(`(orderBy: ${orderBy})`)
    const rank = (day: Day): number => {
      if (day.refundTotal === null) return nulls === 'first' ? -1000 : 1000
      return direction === 'asc' ? Number(day.refundTotal) : -Number(day.refundTotal)
    }
    const sorted = [...nodes].sort((a, b) => rank(a) - rank(b) || byText(keyOf(a), keyOf(b)))
    expect(nodes.map(keyOf)).toEqual(sorted.map(keyOf))
    expect(nodes).toHaveLength(25)
  })

  describe('are read as selected:', () => {
    const columnsRead = async (
      selection: string,
      variables?: Record<string, unknown>,
      declared = '',
      fragments = '',
    ) => {
      await gateway.data(`query Q${declared} { dailyRevenue { ${selection} } } ${fragments}`, variables)
      return warehouse.readings.map(({ statement }) => statement.columns.map((column) => column.name))
    }
    const key = ['revenue_date', 'source']

    test('the columns of nodes and edges together, and those of the order', async () => {
      const [columns, ...more] = await columnsRead(
        'nodes { net: netRevenue ...F } edges { node { taxTotal } }',
        {},
        '',
        'fragment F on DailyRevenue { totalOrders }',
      )
      expect(more).toEqual([])
      expect([...(columns ?? [])].sort()).toEqual([
        'net_revenue',
        'revenue_date',
        'source',
        'tax_total',
        'total_orders',
      ])
    })

    test('nothing that @include and @skip leave out', async () => {
      const [columns] = await columnsRead(
        'nodes { netRevenue @include(if: $no) taxTotal @skip(if: $yes) } totalCount @skip(if: $yes)',
        { yes: true, no: false },
        '($yes: Boolean!, $no: Boolean!)',
      )
      expect([...(columns ?? [])].sort()).toEqual(key)
      expect(warehouse.readings).toHaveLength(1)
    })

    test('no row for a count, no count for rows, neither for a type name', async () => {
      expect(await columnsRead('totalCount')).toEqual([['count']])
      warehouse.readings.length = 0
      expect((await columnsRead('nodes { source }')).flat()).not.toContain('count')
      warehouse.readings.length = 0
      expect(await columnsRead('__typename')).toEqual([])
    })

    test('one row more than the page, and the build that the statement names', async () => {
      await gateway.data('{ dailyRevenue(first: 7) { nodes { source } } }')
      const [reading] = warehouse.readings
      expect(reading?.statement.sql).toContain('LIMIT 8')
      expect(reading?.builds).toMatchObject([{ buildId: 'b1', tag: 'b1_1' }])
      expect(reading?.options.timeoutMs).toBe(30_000)
    })

    test('values only as parameters', async () => {
      const evil = `x' OR '1'='1'; DROP TABLE gold; --`
      await gateway.data(
        'query ($v: String!) { dailyRevenue(where: { source: { in: [$v], contains: $v } }) { totalCount nodes { source } } }',
        { v: evil },
      )
      for (const { statement } of warehouse.readings) {
        expect(statement.sql).not.toContain('DROP TABLE')
        expect(statement.params.map((param) => param.value)).toContain(evil)
      }
    })
  })

  test('answer under aliases that are names of every object', async () => {
    const data = await gateway.data<Record<string, Page<Record<string, unknown>>>>(
      '{ constructor: dailyRevenue(first: 1) { toString: nodes { valueOf: source hasOwnProperty: netRevenue } } }',
    )
    expect(data).toEqual({ constructor: { toString: [{ valueOf: 'other', hasOwnProperty: expect.any(String) }] } })
  })
})
