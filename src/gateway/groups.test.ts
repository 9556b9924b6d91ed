import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Asked } from '../../tests/fixtures/gateway/asked.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { type Groups, groupsOf } from '../../tests/fixtures/gateway/groups.js'
import type { RecordingWarehouse } from '../../tests/fixtures/gateway/recording-warehouse.js'
import { sampleRows } from '../../tests/fixtures/gateway/sample.js'
import type { Row } from '../../warehouses/contract/values.js'

const days = sampleRows(1).daily_revenue ?? []
const cents = (rows: readonly Row[], column: string): bigint =>
  rows.reduce((sum, row) => sum + BigInt(String(row[column]).replace('.', '')), 0n)
const money = (sum: bigint): string => `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`
const netOf = (rows: readonly Row[]): string => money(cents(rows, 'net_revenue'))
const of = (source: string): Row[] => days.filter((row) => row.source === source)

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses()
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('groups from %s', (name) => {
  let gateway: TestGateway
  let warehouse: RecordingWarehouse
  let asked: Asked
  beforeAll(async () => {
    warehouse = warehouses[name]
    gateway = await new TestGateway(new Map([[name, warehouse]])).start()
    asked = new Asked(gateway)
  })
  beforeEach(() => gateway.reset())
  afterAll(() => gateway?.gateway.close())

  const groups = (
    args: string,
    selection: string,
    variables?: Record<string, unknown>,
    head?: string,
  ): Promise<Groups> => groupsOf(gateway, `dailyRevenueBy${args}`, selection, variables, head)
  const failing = (args: string, selection: string) => asked.failing(`{ dailyRevenueBy${args} { ${selection} } }`)

  test('are the grand total when no dimension is selected, and zero of no rows', async () => {
    const { nodes, totalCount } = await groups('', 'totalCount nodes { netRevenue totalOrders }')
    expect(nodes).toEqual([{ netRevenue: netOf(days), totalOrders: 24 }])
    expect(totalCount).toBe(1)
    const none = await groups(
      '(where: { source: { eq: "nobody" } })',
      'nodes { netRevenue totalOrders refundTotal averageOrderValue }',
    )
    expect(none.nodes).toEqual([{ netRevenue: '0.00', totalOrders: 0, refundTotal: null, averageOrderValue: null }])
  })

  test('are by exactly the dimensions that are selected, whatever their aliases, fragments and directives', async () => {
    const bySource = [
      { source: 'demo', netRevenue: netOf(of('demo')) },
      { source: 'other', netRevenue: netOf(of('other')) },
    ]
    expect((await groups('', 'nodes { source netRevenue }')).nodes).toEqual(bySource)
    const { nodes, totalCount } = await groups(
      '',
      'totalCount nodes { ...parts day: revenueDate @include(if: $daily) shop: source @skip(if: $whole) }',
      { daily: false, whole: false },
      'fragment parts on DailyRevenueGroup { constructor: netRevenue } query ($daily: Boolean!, $whole: Boolean!)',
    )
    expect(nodes).toEqual(bySource.map(({ source, netRevenue }) => ({ constructor: netRevenue, shop: source })))
    expect(totalCount).toBe(2)
    const { nodes: whole } = await groups(
      '',
      'nodes { netRevenue source @skip(if: $whole) }',
      { whole: true },
      'query ($whole: Boolean!)',
    )
    expect(whole).toEqual([{ netRevenue: netOf(days) }])
    const spread = async (shown: boolean) => {
      const selection =
        'nodes { totalOrders ...shop @include(if: $shown) ... @skip(if: $hidden) { week: revenueDate(grain: WEEK) } }'
      const head = 'fragment shop on DailyRevenueGroup { source } query ($shown: Boolean!, $hidden: Boolean!)'
      return (await groups('', selection, { shown, hidden: shown }, head)).nodes
    }
    expect(await spread(true)).toEqual([
      { source: 'demo', totalOrders: 12 },
      { source: 'other', totalOrders: 12 },
    ])
    expect(await spread(false)).toEqual([
      { week: '2024-01-08', totalOrders: 12 },
      { week: '2024-01-01', totalOrders: 12 },
    ])
  })

  test('cut dates to their grain, and the same date twice is two dimensions', async () => {
    const { nodes } = await groups(
      '(where: { source: { eq: "demo" } })',
      'nodes { week: revenueDate(grain: WEEK) month: revenueDate(grain: $grain) totalOrders }',
      { grain: 'MONTH' },
      'query ($grain: DateGrain!)',
    )
    expect(nodes).toEqual([
      { week: '2024-01-08', month: '2024-01-01', totalOrders: 6 },
      { week: '2024-01-01', month: '2024-01-01', totalOrders: 6 },
    ])
  })

  test('are filtered by rows and by groups, ordered by measures, and paged', async () => {
    const all = await groups('(orderBy: [{ field: NET_REVENUE, direction: DESC }])', 'nodes { revenueDate netRevenue }')
    expect(all.nodes.map((node) => node.netRevenue)).toEqual(
      [...all.nodes].map((node) => String(node.netRevenue)).sort((a, b) => Number(b) - Number(a)),
    )
    const args = 'orderBy: [{ field: NET_REVENUE, direction: DESC }], having: { netRevenue: { gt: "200.02" } }'
    const selection =
      'totalCount totals { netRevenue } edges { cursor node { revenueDate } } pageInfo { hasNextPage endCursor }'
    const big = all.nodes.filter((node) => Number(node.netRevenue) > 200.02)
    const found: unknown[] = []
    let after = ''
    for (;;) {
      const page = await groups(`(first: 2, ${args}${after})`, selection)
      expect([page.totalCount, page.totals]).toEqual([big.length, { netRevenue: netOf(days) }])
      found.push(...page.edges.map(({ node }) => node.revenueDate))
      if (!page.pageInfo.hasNextPage) break
      after = `, after: ${JSON.stringify(page.pageInfo.endCursor)}`
    }
    expect(found).toEqual(big.map((node) => node.revenueDate))
    expect(big.length).toBeGreaterThan(4)
  })

  test('have the total of the rows that `where` leaves, also of groups that `having` or the page hides', async () => {
    const selection =
      'nodes { revenueDate(grain: WEEK) netRevenue } totals { netRevenue totalOrders averageOrderValue }'
    const [newer, older] = [
      { revenueDate: '2024-01-08', netRevenue: '900.05' },
      { revenueDate: '2024-01-01', netRevenue: '900.07' },
    ]
    const totals = { netRevenue: '1800.12', totalOrders: 12, averageOrderValue: '300.02' }
    const demo = 'where: { source: { eq: "demo" } }'
    expect(await groups(`(${demo})`, selection)).toEqual({ nodes: [newer, older], totals })
    expect(await groups(`(${demo}, having: { netRevenue: { gt: "900.05" } })`, selection)).toEqual({
      ...{ nodes: [older], totals },
    })
    expect(await groups(`(${demo}, first: 1)`, selection)).toEqual({ nodes: [newer], totals })
    const some = 'where: { source: { eq: "demo" }, revenueDate: { lte: "2024-01-04" } }'
    expect((await groups(`(${some})`, selection)).totals).toEqual({
      ...{ netRevenue: '600.04', totalOrders: 3, averageOrderValue: '300.02' },
    })
  })

  test('read a ratio from the sums of its parts, and a sum as its share and as a running total', async () => {
    const { nodes } = await groups(
      '(where: { source: { eq: "other" } }, orderBy: [{ field: REVENUE_DATE }])',
      'nodes { revenueDate(grain: WEEK) averageOrderValue share: netRevenue(as: SHARE) orders: totalOrders(as: SHARE) running: netRevenue(as: RUNNING) }',
    )
    const [first, second] = [of('other').slice(0, 7), of('other').slice(7)]
    const ratio = (rows: readonly Row[]): string => {
      const orders = rows.reduce((sum, row) => sum + Number(row.completed_orders), 0)
      return (Number(cents(rows, 'net_revenue')) / 100 / orders).toFixed(2)
    }
    const share = (rows: readonly Row[], column: string): string =>
      (Number(cents(rows, column)) / Number(cents(of('other'), column))).toFixed(6)
    expect(nodes).toEqual(
      [first, second].map((rows, i) => ({
        revenueDate: ['2024-01-01', '2024-01-08'][i],
        averageOrderValue: ratio(rows),
        share: share(rows, 'net_revenue'),
        orders: share(rows, 'total_orders'),
        running: i === 0 ? netOf(first) : netOf(of('other')),
      })),
    )
  })

  test('are shares and running totals of all that `where` leaves, whatever `having` and the page hide', async () => {
    const ask = async (args: string) =>
      (
        await groups(
          `(where: { source: { eq: "demo" } }${args})`,
          'nodes { revenueDate(grain: WEEK) share: netRevenue(as: SHARE) running: netRevenue(as: RUNNING) }',
        )
      ).nodes
    const older = { revenueDate: '2024-01-01', share: '0.500006', running: '900.07' }
    const newer = { revenueDate: '2024-01-08', share: '0.499994', running: '1800.12' }
    expect(await ask('')).toEqual([newer, older])
    expect(await ask(', having: { netRevenue: { lt: "900.07" } }')).toEqual([newer])
    expect(await ask(', having: { netRevenue: { gt: "900.05" } }')).toEqual([older])
    expect(await ask(', first: 1')).toEqual([newer])
    expect(await ask(', first: 1, orderBy: [{ field: REVENUE_DATE }]')).toEqual([older])
  })

  test('stand beside the same group of another time, with what changed, by one statement more', async () => {
    const { nodes } = await groups(
      '(where: { source: { eq: "demo" } }, orderBy: [{ field: REVENUE_DATE }], compareTo: { previousPeriod: true }, first: 3)',
      'nodes { revenueDate netRevenue previous { netRevenue averageOrderValue } change { netRevenue totalOrders } changeRatio { netRevenue } }',
    )
    expect(warehouse.readings).toHaveLength(2)
    expect(nodes).toEqual([
      { revenueDate: '2024-01-01', netRevenue: '0.01', previous: null, change: null, changeRatio: null },
      {
        ...{ revenueDate: '2024-01-02', netRevenue: '100.01' },
        previous: { netRevenue: '0.01', averageOrderValue: null },
        change: { netRevenue: '100.00', totalOrders: 1 },
        changeRatio: { netRevenue: '10000.0000' },
      },
      {
        ...{ revenueDate: '2024-01-03', netRevenue: '200.01' },
        previous: { netRevenue: '100.01', averageOrderValue: '100.01' },
        change: { netRevenue: '100.00', totalOrders: 1 },
        changeRatio: { netRevenue: '0.9999' },
      },
    ])
  })

  test('read nothing of another time that is named and not shown', async () => {
    const args = '(compareTo: { previousPeriod: true }, first: 3)'
    expect((await groups(args, 'nodes { revenueDate netRevenue }')).nodes).toHaveLength(3)
    expect(warehouse.readings).toHaveLength(1)
    const shown = await groups(args, 'nodes { revenueDate previous { __typename } }')
    expect(shown.nodes.map(({ previous }) => previous)).toContainEqual({ __typename: 'DailyRevenueTotals' })
    expect(warehouse.readings).toHaveLength(3)
  })

  test('are filled where periods have no rows, and then paged and counted like any others', async () => {
    const args = '(fill: true, where: { source: { eq: "demo" }, revenueDate: { gte: "2023-12-20", lt: "2024-01-22" } }'
    const selection =
      'totalCount nodes { revenueDate(grain: WEEK) totalOrders refundTotal averageOrderValue running: totalOrders(as: RUNNING) }'
    const empty = { averageOrderValue: null }
    const { nodes, totalCount } = await groups(`${args}, orderBy: [{ field: REVENUE_DATE }])`, selection)
    expect(nodes).toEqual([
      { revenueDate: '2023-12-18', totalOrders: 0, refundTotal: '0.00', ...empty, running: 0 },
      { revenueDate: '2023-12-25', totalOrders: 0, refundTotal: '0.00', ...empty, running: 0 },
      expect.objectContaining({ revenueDate: '2024-01-01', totalOrders: 6, running: 6 }),
      expect.objectContaining({ revenueDate: '2024-01-08', totalOrders: 6, running: 12 }),
      { revenueDate: '2024-01-15', totalOrders: 0, refundTotal: '0.00', ...empty, running: 12 },
    ])
    expect(totalCount).toBe(5)
    const newest = await groups(
      `${args}, first: 1, having: { totalOrders: { eq: 0 } })`,
      'nodes { revenueDate(grain: WEEK) }',
    )
    expect(newest.nodes).toEqual([{ revenueDate: '2024-01-15' }])
    const none = await groups(
      '(fill: true, where: { revenueDate: { between: { from: "1999-01-31", to: "1999-02-01" } } })',
      'nodes { revenueDate(grain: MONTH) netRevenue refundTotal }',
    )
    expect(none.nodes).toEqual(
      ['1999-02-01', '1999-01-01'].map((revenueDate) => ({ revenueDate, netRevenue: '0.00', refundTotal: null })),
    )
  })

  test('are filled for each value of the other dimensions that there is', async () => {
    const { nodes, totalCount } = await groups(
      '(fill: true, where: { revenueDate: { between: { from: "2024-01-11", to: "2024-01-14" } } }, orderBy: [{ field: SOURCE }, { field: REVENUE_DATE }])',
      'totalCount nodes { source revenueDate totalOrders running: totalOrders(as: RUNNING) }',
    )
    expect(nodes).toEqual([
      { source: 'demo', revenueDate: '2024-01-11', totalOrders: 1, running: 1 },
      { source: 'demo', revenueDate: '2024-01-12', totalOrders: 2, running: 3 },
      { source: 'demo', revenueDate: '2024-01-13', totalOrders: 0, running: 3 },
      { source: 'demo', revenueDate: '2024-01-14', totalOrders: 0, running: 3 },
      { source: 'other', revenueDate: '2024-01-11', totalOrders: 1, running: 1 },
      { source: 'other', revenueDate: '2024-01-12', totalOrders: 2, running: 3 },
      { source: 'other', revenueDate: '2024-01-13', totalOrders: 0, running: 3 },
      { source: 'other', revenueDate: '2024-01-14', totalOrders: 0, running: 3 },
    ])
    expect(totalCount).toBe(8)
    const alone = await groups(
      '(fill: true, where: { source: { eq: "other" }, revenueDate: { gte: "2024-01-13" } })',
      'nodes { source revenueDate totalOrders }',
    )
    expect(alone.nodes).toEqual([{ source: 'other', revenueDate: '2024-01-13', totalOrders: 0 }])
  })

  test('compare a whole with the same days before it, dimension by dimension', async () => {
    const { nodes } = await groups(
      '(where: { revenueDate: { between: { from: "2024-01-05", to: "2024-01-08" } } }, compareTo: { previousPeriod: true })',
      'nodes { source totalOrders previous { totalOrders } change { totalOrders } }',
    )
    const orders = (source: string, from: number) =>
      of(source)
        .slice(from, from + 4)
        .reduce((sum, row) => sum + Number(row.total_orders), 0)
    expect(nodes).toEqual(
      ['demo', 'other'].map((source) => ({
        source,
        totalOrders: orders(source, 4),
        previous: { totalOrders: orders(source, 0) },
        change: { totalOrders: orders(source, 4) - orders(source, 0) },
      })),
    )
  })

  test('read only the columns that are asked for', async () => {
    await groups('', 'nodes { source netRevenue }')
    const [reading] = warehouse.readings
    expect(reading?.statement.sql).not.toMatch(/gross_revenue|total_orders|revenue_date/)
    expect(warehouse.readings).toHaveLength(1)
  })

  test('know the ends of the calendar, and how many periods are too many', async () => {
    for (const none of ['gt: "9999-12-31"', 'lt: "0001-01-01"', 'lt: "0001-01-01", gte: "0001-01-01"'])
      expect(
        await groups(
          `(fill: true, where: { revenueDate: { ${none} } })`,
          'totalCount nodes { revenueDate(grain: MONTH) }',
        ),
      ).toEqual({ totalCount: 0, nodes: [] })
    for (const before of ['lt: "0001-01-01", gte: "0001-01-01"', 'between: { from: "0001-01-01", to: "2024-01-31" }'])
      expect(
        await failing(
          `(compareTo: { months: 1 }, where: { revenueDate: { ${before} } })`,
          'nodes { revenueDate(grain: MONTH) previous { netRevenue } }',
        ),
      ).toMatchObject({ extensions: { code: 'COMPARISON_INVALID' } })
    const filled = (to: string) =>
      `(fill: true, where: { revenueDate: { between: { from: "2000-01-01", to: "${to}" } } })`
    expect(await groups(filled('2027-05-18'), 'totalCount nodes { revenueDate }')).toMatchObject({ totalCount: 10_000 })
    expect(await failing(filled('2027-05-19'), 'totalCount nodes { revenueDate }')).toMatchObject({
      extensions: { code: 'FILTER_TOO_LARGE' },
    })
  })

  test('refuse what has no one meaning', async () => {
    const ambiguous = await failing(
      '',
      'nodes { source netRevenue } months: nodes { revenueDate(grain: MONTH) netRevenue }',
    )
    expect(ambiguous).toMatchObject({ extensions: { code: 'AMBIGUOUS_GROUPING' } })
    expect(await failing('', 'nodes { source netRevenue } edges { node { netRevenue } }')).toMatchObject({
      extensions: { code: 'AMBIGUOUS_GROUPING' },
    })
    expect(await failing('', 'nodes { source netRevenue(as: RUNNING) }')).toMatchObject({
      extensions: { code: 'RUNNING_NEEDS_DATE' },
    })
    for (const order of [
      '{ field: REVENUE_DATE }',
      '{ field: SOURCE }, { field: SOURCE, direction: DESC }',
      '{ field: NET_REVENUE, grain: MONTH }',
    ])
      expect(await failing(`(orderBy: [${order}])`, 'nodes { source netRevenue }')).toMatchObject({
        extensions: { code: 'ORDER_INVALID' },
      })
    const twice = 'nodes { revenueDate month: revenueDate(grain: MONTH) netRevenue }'
    expect((await failing('(orderBy: [{ field: REVENUE_DATE }])', twice)).message).toContain('several grains')
    expect((await groups('(first: 1, orderBy: [{ field: REVENUE_DATE, grain: MONTH }])', twice)).nodes).toEqual([
      { revenueDate: '2024-01-01', month: '2024-01-01', netRevenue: '0.02' },
    ])
  })

  test.each([
    ['factSalesBy', 'exchangeRate'],
    ['factSalesBy', 'netRevenueLocal'],
    ['factSalesBy', 'costTotalLocal'],
    ['factSalesBy', 'netMarginLocal'],
    ['productSalesPerformanceBy', 'totalOrders'],
  ])('refuse, in every place of %s, %s, which may not be added up', async (field, measure) => {
    const term = measure.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
    for (const question of [
      `${field} { nodes { source ${measure} } }`,
      `${field} { edges { node { source ${measure} } } }`,
      `${field} { nodes { source } totals { ${measure} } }`,
      `${field}(having: { ${measure}: { gt: 0 } }) { nodes { source } }`,
      `${field}(orderBy: [{ field: ${term} }]) { nodes { source } }`,
      ...['previous', 'change', 'changeRatio'].map(
        (beside) => `${field}(compareTo: { months: 1 }) { nodes { source ${beside} { ${measure} } } }`,
      ),
    ])
      expect([question, await gateway.codes(`{ ${question} }`)]).toEqual([question, ['GRAPHQL_VALIDATION_FAILED']])
    expect(warehouse.readings).toHaveLength(0)
  })

  test('refuse the cursor of another grouping', async () => {
    const { pageInfo } = await groups('(first: 1)', 'nodes { source } pageInfo { endCursor hasNextPage }')
    const after = JSON.stringify(pageInfo.endCursor)
    expect(await failing(`(after: ${after})`, 'nodes { source revenueDate }')).toMatchObject({
      extensions: { code: 'CURSOR_MISMATCH' },
    })
    expect(await failing(`(after: ${after}, where: { source: { eq: "demo" } })`, 'nodes { source }')).toMatchObject({
      extensions: { code: 'CURSOR_MISMATCH' },
    })
    expect((await groups(`(after: ${after})`, 'nodes { source }')).nodes).toEqual([{ source: 'other' }])
    const total = await groups('', 'nodes { netRevenue } pageInfo { endCursor hasNextPage }')
    expect(total.pageInfo).toMatchObject({ endCursor: expect.any(String), hasNextPage: false })
    const behind = `(after: ${JSON.stringify(total.pageInfo.endCursor)})`
    expect((await groups(behind, 'nodes { netRevenue }')).nodes).toEqual([])
  })

  test('never round an integer that JSON cannot hold', async () => {
    const { body } = await gateway.ask('{ inventoryRiskBy { nodes { stockStatus stockQuantity } } }')
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(['INTEGER_OUT_OF_RANGE'])
  })
})
