import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { groupsOf } from '../../tests/fixtures/gateway/groups.js'
import { rowOf } from '../../tests/fixtures/gateway/related-rows.js'
import type { Row } from '../../warehouses/contract/values.js'

const day = (source: string, revenue_date: string, net_revenue: string): Row =>
  rowOf('daily_revenue', { source, revenue_date, net_revenue, total_orders: 1n })

/** Each amount is twice the one before, so that a sum tells its rows. */
const revenue = [
  day('demo', '2023-02-28', '1.00'),
  day('demo', '2024-01-31', '2.00'),
  day('demo', '2024-02-10', '4.00'),
  day('demo', '2024-02-28', '8.00'),
  day('demo', '2024-02-29', '16.00'),
  day('demo', '2024-03-01', '32.00'),
  day('demo', '2024-03-15', '64.00'),
  day('demo', '2024-03-28', '128.00'),
  day('demo', '2024-03-29', '256.00'),
  day('demo', '2024-03-30', '512.00'),
  day('demo', '2024-03-31', '1024.00'),
  day('demo', '2024-01-29', '2048.00'),
  day('demo', '2025-02-28', '4096.00'),
  day('years', '2022-12-31', '1.00'),
  day('years', '2023-01-01', '2.00'),
  day('years', '2023-03-31', '4.00'),
  day('years', '2023-04-01', '8.00'),
  day('years', '2024-02-26', '16.00'),
  day('years', '2024-02-29', '32.00'),
  day('years', '2024-03-01', '64.00'),
  day('years', '2024-03-03', '128.00'),
  day('years', '2024-03-04', '256.00'),
  day('years', '2024-06-30', '512.00'),
  day('years', '2024-07-01', '1024.00'),
  day('years', '2024-12-31', '2048.00'),
  day('years', '2025-01-01', '4096.00'),
]

const balance = (source: string, snapshot_date: string, total_revenue: string, completed_orders: bigint): Row =>
  rowOf('executive_kpis', { source, snapshot_date, total_revenue, completed_orders, total_orders: completed_orders })

const balances = [
  balance('demo', '2023-11-30', '60.00', 4n),
  balance('demo', '2023-12-31', '80.00', 5n),
  balance('demo', '2024-01-31', '100.00', 6n),
  balance('demo', '2024-02-29', '150.00', 8n),
  balance('demo', '2024-03-31', '170.00', 10n),
  balance('other', '2024-02-29', '1000.00', 9n),
  balance('other', '2024-03-15', '1100.00', 11n),
]

const line = (
  source: string,
  sale_id: string,
  order_date: string | null,
  store_country: string | null,
  category: string | null,
  net_revenue: string,
): Row =>
  rowOf('fact_product_sales', { source, sale_id, line_number: 1n, order_date, store_country, category, net_revenue })

const lines = [
  line('demo', 's1', '2024-01-15', 'AT', 'Audio', '10.10'),
  line('demo', 's2', '2024-01-31', 'AT', 'Audio', '20.20'),
  line('other', 's1', '2024-01-01', 'AT', 'Audio', '100.00'),
  line('demo', 's3', '2024-01-31', 'DE', 'Audio', '5.00'),
  line('demo', 's4', '2024-01-20', 'AT', null, '7.77'),
  line('other', 's2', '2024-01-21', 'AT', null, '0.23'),
  line('demo', 's5', '2024-02-01', 'AT', 'Audio', '3.00'),
  line('demo', 's6', '2024-02-29', null, 'Audio', '4.50'),
  line('other', 's3', '2024-02-10', null, null, '1.00'),
  line('other', 's4', '2024-02-10', 'AT', 'TV', '9.99'),
  line('other', 'missing', null, null, 'Audio', '0.00'),
]

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses(() => ({
    ...{ daily_revenue: revenue, executive_kpis: balances, fact_product_sales: lines },
  }))
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('groups of periods from %s', (name) => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await new TestGateway(new Map([[name, warehouses[name]]])).start()
  })
  beforeEach(() => gateway.reset())
  afterAll(() => gateway?.gateway.close())

  test.each([
    [
      'DAY',
      [
        ['2022-12-31', '1.00'],
        ['2023-01-01', '2.00'],
        ['2023-03-31', '4.00'],
        ['2023-04-01', '8.00'],
        ['2024-02-26', '16.00'],
        ['2024-02-29', '32.00'],
        ['2024-03-01', '64.00'],
        ['2024-03-03', '128.00'],
        ['2024-03-04', '256.00'],
        ['2024-06-30', '512.00'],
        ['2024-07-01', '1024.00'],
        ['2024-12-31', '2048.00'],
        ['2025-01-01', '4096.00'],
      ],
    ],
    [
      'WEEK',
      [
        ['2022-12-26', '3.00'],
        ['2023-03-27', '12.00'],
        ['2024-02-26', '240.00'],
        ['2024-03-04', '256.00'],
        ['2024-06-24', '512.00'],
        ['2024-07-01', '1024.00'],
        ['2024-12-30', '6144.00'],
      ],
    ],
    [
      'MONTH',
      [
        ['2022-12-01', '1.00'],
        ['2023-01-01', '2.00'],
        ['2023-03-01', '4.00'],
        ['2023-04-01', '8.00'],
        ['2024-02-01', '48.00'],
        ['2024-03-01', '448.00'],
        ['2024-06-01', '512.00'],
        ['2024-07-01', '1024.00'],
        ['2024-12-01', '2048.00'],
        ['2025-01-01', '4096.00'],
      ],
    ],
    [
      'QUARTER',
      [
        ['2022-10-01', '1.00'],
        ['2023-01-01', '6.00'],
        ['2023-04-01', '8.00'],
        ['2024-01-01', '496.00'],
        ['2024-04-01', '512.00'],
        ['2024-07-01', '1024.00'],
        ['2024-10-01', '2048.00'],
        ['2025-01-01', '4096.00'],
      ],
    ],
    [
      'YEAR',
      [
        ['2022-01-01', '1.00'],
        ['2023-01-01', '14.00'],
        ['2024-01-01', '4080.00'],
        ['2025-01-01', '4096.00'],
      ],
    ],
  ] as const)('by %s go by its first day', async (grain, sums) => {
    const { nodes } = await groupsOf(
      gateway,
      'dailyRevenueBy(where: { source: { eq: "years" } }, orderBy: [{ field: REVENUE_DATE }])',
      `nodes { revenueDate(grain: ${grain}) netRevenue }`,
    )
    expect(nodes).toEqual(sums.map(([revenueDate, netRevenue]) => ({ revenueDate, netRevenue })))
  })

  test('are two of one week that two months share', async () => {
    const range = 'between: { from: "2024-02-26", to: "2024-03-03" }'
    const { nodes, totalCount } = await groupsOf(
      gateway,
      `dailyRevenueBy(where: { source: { eq: "years" }, revenueDate: { ${range} } })`,
      'totalCount nodes { week: revenueDate(grain: WEEK) month: revenueDate(grain: MONTH) netRevenue }',
    )
    expect(nodes).toEqual([
      { week: '2024-02-26', month: '2024-03-01', netRevenue: '192.00' },
      { week: '2024-02-26', month: '2024-02-01', netRevenue: '48.00' },
    ])
    expect(totalCount).toBe(2)
  })

  test('are by month, country and category, of all sources together and of what is not known', async () => {
    const { nodes, totals, totalCount } = await groupsOf(
      gateway,
      'factProductSalesBy',
      'totalCount totals { netRevenue } nodes { month: orderDate(grain: MONTH) storeCountry category netRevenue }',
    )
    expect(nodes).toEqual([
      { month: '2024-02-01', category: 'Audio', storeCountry: 'AT', netRevenue: '3.00' },
      { month: '2024-02-01', category: 'Audio', storeCountry: null, netRevenue: '4.50' },
      { month: '2024-02-01', category: 'TV', storeCountry: 'AT', netRevenue: '9.99' },
      { month: '2024-02-01', category: null, storeCountry: null, netRevenue: '1.00' },
      { month: '2024-01-01', category: 'Audio', storeCountry: 'AT', netRevenue: '130.30' },
      { month: '2024-01-01', category: 'Audio', storeCountry: 'DE', netRevenue: '5.00' },
      { month: '2024-01-01', category: null, storeCountry: 'AT', netRevenue: '8.00' },
      { month: null, category: 'Audio', storeCountry: null, netRevenue: '0.00' },
    ])
    expect([totals, totalCount]).toEqual([{ netRevenue: '161.79' }, 8])
  })

  describe('beside another time', () => {
    /** Groups of the days from one to another, both included. */
    const compared = async (from: string, to: string, compareTo: string, selection: string, more = '') =>
      (
        await groupsOf(
          gateway,
          `dailyRevenueBy(where: { source: { eq: "demo" }, revenueDate: { between: { from: "${from}", to: "${to}" } } }, compareTo: { ${compareTo} }${more})`,
          selection,
        )
      ).nodes
    const oldestFirst = ', orderBy: [{ field: REVENUE_DATE }]'
    /** Each period with its revenue and that of the other time. */
    const beside = async (grain: string, from: string, to: string, compareTo: string) =>
      (
        (await compared(
          from,
          to,
          compareTo,
          `nodes { period: revenueDate(grain: ${grain}) netRevenue previous { netRevenue } }`,
          oldestFirst,
        )) as readonly { period: string; netRevenue: string; previous: { netRevenue: string } | null }[]
      ).map(({ period, netRevenue, previous }) => [period, netRevenue, previous?.netRevenue ?? null])
    const whole = (from: string, to: string, compareTo: string) =>
      compared(from, to, compareTo, 'nodes { netRevenue previous { netRevenue } }')

    test('a day is beside the same day of the month before, or its last one', async () => {
      expect(await beside('DAY', '2024-03-01', '2024-03-31', 'months: 1')).toEqual([
        ['2024-03-01', '32.00', null],
        ['2024-03-15', '64.00', null],
        ['2024-03-28', '128.00', '8.00'],
        ['2024-03-29', '256.00', '16.00'],
        ['2024-03-30', '512.00', '16.00'],
        ['2024-03-31', '1024.00', '16.00'],
      ])
      expect(await beside('DAY', '2024-02-01', '2024-02-29', 'months: 1')).toEqual([
        ['2024-02-10', '4.00', null],
        ['2024-02-28', '8.00', null],
        ['2024-02-29', '16.00', '2048.00'],
      ])
    })

    test('a part of a month is beside the same days of the other month', async () => {
      const months = (from: string, to: string) => beside('MONTH', from, to, 'months: 1')
      expect(await months('2024-03-01', '2024-03-15')).toEqual([['2024-03-01', '96.00', '4.00']])
      expect(await months('2024-03-11', '2024-03-28')).toEqual([['2024-03-01', '192.00', '8.00']])
      expect(await months('2024-03-30', '2024-03-31')).toEqual([['2024-03-01', '1536.00', '16.00']])
      expect(await months('2024-02-01', '2024-03-15')).toEqual([
        ['2024-02-01', '28.00', '2050.00'],
        ['2024-03-01', '96.00', '4.00'],
      ])
      expect(await months('2024-02-01', '2024-03-31')).toEqual([
        ['2024-02-01', '28.00', '2050.00'],
        ['2024-03-01', '2016.00', '28.00'],
      ])
    })

    test('a month as a whole is beside the other as a whole, short or long', async () => {
      const [february] = await compared(
        '2024-02-01',
        '2024-02-29',
        'months: 1',
        'nodes { netRevenue totalOrders previous { netRevenue totalOrders } change { netRevenue totalOrders } changeRatio { netRevenue } }',
      )
      expect(february).toEqual({
        ...{ netRevenue: '28.00', totalOrders: 3, previous: { netRevenue: '2050.00', totalOrders: 2 } },
        ...{ change: { netRevenue: '-2022.00', totalOrders: 1 }, changeRatio: { netRevenue: '-0.9863' } },
      })
      expect(await whole('2024-02-01', '2024-02-28', 'months: 1')).toEqual([
        { netRevenue: '12.00', previous: { netRevenue: '0.00' } },
      ])
      expect(await whole('2024-03-01', '2024-03-31', 'months: 1')).toEqual([
        { netRevenue: '2016.00', previous: { netRevenue: '28.00' } },
      ])
      expect(await whole('2024-02-01', '2024-02-29', 'previousPeriod: true')).toEqual([
        { netRevenue: '28.00', previous: { netRevenue: '2050.00' } },
      ])
    })

    test('a leap day is beside the last of February, and a whole February beside a whole one', async () => {
      expect(await beside('DAY', '2024-02-01', '2024-02-29', 'years: 1')).toEqual([
        ['2024-02-10', '4.00', null],
        ['2024-02-28', '8.00', '1.00'],
        ['2024-02-29', '16.00', '1.00'],
      ])
      expect(await beside('DAY', '2025-02-01', '2025-02-28', 'years: 1')).toEqual([['2025-02-28', '4096.00', '8.00']])
      expect(await beside('MONTH', '2024-02-01', '2024-02-29', 'years: 1')).toEqual([['2024-02-01', '28.00', '1.00']])
      expect(await beside('MONTH', '2025-02-01', '2025-02-28', 'years: 1')).toEqual([
        ['2025-02-01', '4096.00', '28.00'],
      ])
      expect(await whole('2024-02-01', '2024-02-29', 'years: 1')).toEqual([
        { netRevenue: '28.00', previous: { netRevenue: '1.00' } },
      ])
      expect(await whole('2025-02-01', '2025-02-28', 'years: 1')).toEqual([
        { netRevenue: '4096.00', previous: { netRevenue: '28.00' } },
      ])
    })

    test('a period that was filled is beside one with rows, and beside one without there is nothing', async () => {
      const selection = (grain: string) =>
        `nodes { period: revenueDate(grain: ${grain}) netRevenue previous { netRevenue } change { netRevenue } changeRatio { netRevenue } }`
      const filled = `, fill: true${oldestFirst}`
      const nothing = { previous: null, change: null, changeRatio: null }
      expect(await compared('2024-03-09', '2024-03-11', 'months: 1', selection('DAY'), filled)).toEqual([
        { period: '2024-03-09', netRevenue: '0.00', ...nothing },
        {
          ...{ period: '2024-03-10', netRevenue: '0.00', previous: { netRevenue: '4.00' } },
          ...{ change: { netRevenue: '-4.00' }, changeRatio: { netRevenue: '-1.0000' } },
        },
        { period: '2024-03-11', netRevenue: '0.00', ...nothing },
      ])
      expect(await compared('2024-03-16', '2024-05-31', 'months: 1', selection('MONTH'), filled)).toEqual([
        {
          ...{ period: '2024-03-01', netRevenue: '1920.00', previous: { netRevenue: '24.00' } },
          ...{ change: { netRevenue: '1896.00' }, changeRatio: { netRevenue: '79.0000' } },
        },
        {
          ...{ period: '2024-04-01', netRevenue: '0.00', previous: { netRevenue: '2016.00' } },
          ...{ change: { netRevenue: '-2016.00' }, changeRatio: { netRevenue: '-1.0000' } },
        },
        { period: '2024-05-01', netRevenue: '0.00', ...nothing },
      ])
    })

    test('edges show it as nodes do', async () => {
      const node = '{ revenueDate(grain: MONTH) netRevenue previous { netRevenue } change { netRevenue } }'
      const { nodes, edges } = await groupsOf(
        gateway,
        'dailyRevenueBy(where: { source: { eq: "demo" }, revenueDate: { gte: "2024-03-01", lt: "2024-03-16" } }, compareTo: { months: 1 })',
        `edges { cursor node ${node} } nodes ${node}`,
      )
      const march = {
        ...{ revenueDate: '2024-03-01', netRevenue: '96.00' },
        ...{ previous: { netRevenue: '4.00' }, change: { netRevenue: '92.00' } },
      }
      expect(edges).toEqual([{ cursor: expect.any(String), node: march }])
      expect(nodes).toEqual([march])
      const alone = await groupsOf(
        gateway,
        'dailyRevenueBy(where: { source: { eq: "demo" } }, compareTo: { months: 1 }, first: 2)',
        `edges { node { revenueDate(grain: MONTH) previous { netRevenue } } }`,
      )
      expect(alone.edges.map((edge) => edge.node)).toEqual([
        { revenueDate: '2025-02-01', previous: null },
        { revenueDate: '2024-03-01', previous: { netRevenue: '28.00' } },
      ])
    })

    test('a balance is the latest of each source there too, and never added up along time', async () => {
      const ask = async (args: string, dimension: string) =>
        (
          await groupsOf(
            gateway,
            `executiveKpisBy(${args})`,
            `nodes { ${dimension} totalRevenue averageOrderValue previous { totalRevenue averageOrderValue } change { totalRevenue } }`,
          )
        ).nodes
      const first = { totalRevenue: '1270.00', averageOrderValue: '60.48' }
      const february = { totalRevenue: '1150.00', averageOrderValue: '67.65' }
      const january = { totalRevenue: '100.00', averageOrderValue: '16.67' }
      const december = { totalRevenue: '80.00', averageOrderValue: '16.00' }
      const months = await ask('first: 3, compareTo: { months: 1 }', 'snapshotDate(grain: MONTH)')
      expect(months).toEqual([
        { snapshotDate: '2024-03-01', ...first, previous: february, change: { totalRevenue: '120.00' } },
        { snapshotDate: '2024-02-01', ...february, previous: january, change: { totalRevenue: '1050.00' } },
        { snapshotDate: '2024-01-01', ...january, previous: december, change: { totalRevenue: '20.00' } },
      ])
      const change = { totalRevenue: '1190.00' }
      expect(await ask('first: 1, compareTo: { previousPeriod: true }', 'snapshotDate(grain: QUARTER)')).toEqual([
        { snapshotDate: '2024-01-01', ...first, previous: december, change },
      ])
      expect(await ask('first: 1, compareTo: { years: 1 }', 'snapshotDate(grain: YEAR)')).toEqual([
        { snapshotDate: '2024-01-01', ...first, previous: december, change },
      ])
      const quarter = 'where: { snapshotDate: { between: { from: "2024-01-01", to: "2024-03-31" } } }'
      expect(await ask(`${quarter}, compareTo: { previousPeriod: true }`, '')).toEqual([
        { ...first, previous: december, change },
      ])
    })
  })
})
