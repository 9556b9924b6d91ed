import { Kind, parse, print, visit } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(warehouses.both).start({
    fallback: { duckdb: 'postgres' },
    roles: [{ name: 'demo', rows: { source: { in: ['demo'] } }, hide: [], limits: {} }],
  })
})
beforeEach(() => gateway.reset())
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const days =
  'source revenueDate totalOrders completedOrders grossRevenue netRevenue refundTotal revenueAfterRefunds averageOrderValue'
const stock =
  'source inventoryId productId productName category storeName region stockStatus stockQuantity reorderLevel estimatedStockValue lastUpdatedAt'
const safe = 'where: { stockQuantity: { lt: 9007199254740991 } }'

const questions: [text: string, variables?: Record<string, unknown>][] = [
  [`{ dailyRevenue { nodes { ${days} } } }`],
  [`{ inventoryRisk(${safe}) { nodes { ${stock} } totalCount } }`],
  [`{ dailyRevenue(first: 0) { nodes { source } totalCount pageInfo { hasNextPage startCursor endCursor } } }`],
  [`{ dailyRevenue(where: { source: { eq: "none" } }) { nodes { source } pageInfo { hasPreviousPage endCursor } } }`],
  ['{ dailyRevenue { totalCount } }'],
  ['{ dailyRevenue { pageInfo { hasNextPage } } }'],
  [
    '{ __typename a: dailyRevenue(first: 2) { __typename rows: nodes { kind: __typename day: revenueDate again: revenueDate t: __typename } more: pageInfo { __typename next: hasNextPage endCursor } n: totalCount } b: inventoryRisk(first: 1) { nodes { __typename } } }',
  ],
  [
    '{ dailyRevenue(last: 3) { nodes { revenueDate } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
  ],
  [
    'query ($n: Int, $source: String!, $days: [Date!], $or: [DailyRevenueWhere!]) { dailyRevenue(first: $n, where: { source: { eq: $source, in: ["demo", $source] }, revenueDate: { in: $days }, or: $or }) { nodes { source revenueDate } totalCount } }',
    {
      ...{ n: 4, source: 'demo', days: ['2024-01-02', '2024-01-05', '2024-01-06'] },
      or: [{ netRevenue: { gt: '100' } }, { netRevenue: { lt: 5 } }],
    },
  ],
  [
    'query ($from: Date = "2024-01-03", $order: [DailyRevenueOrder!]) { dailyRevenue(first: 3, where: { revenueDate: { gte: $from } }, orderBy: $order) { nodes { revenueDate netRevenue } pageInfo { endCursor } } }',
    { order: [{ field: 'NET_REVENUE', direction: 'DESC' }] },
  ],
  ['query ($n: Int) { dailyRevenue(first: $n) { nodes { revenueDate } } }'],
  ['query ($n: Int) { dailyRevenue(first: $n) { nodes { revenueDate } } }', { n: null }],
  [
    'query Q { ...Root } fragment Root on Query { dailyRevenue(first: 2) { ...Page nodes { netRevenue } } } fragment Page on DailyRevenueConnection { nodes { ...Row } totalCount } fragment Row on DailyRevenue { revenueDate ... on DailyRevenue { source } }',
  ],
  [
    '{ dailyRevenueBy { nodes { month: revenueDate(grain: MONTH) year: revenueDate(grain: YEAR) netRevenue share: netRevenue(as: SHARE) sum: netRevenue(as: RUNNING) averageOrderValue } totalCount pageInfo { endCursor } } }',
  ],
  ['{ dailyRevenueBy { nodes { totalOrders part: totalOrders(as: SHARE) } } }'],
  ['{ dailyRevenueBy { nodes { source } } inventoryRiskBy { nodes { stockStatus productName reorderLevel } } }'],
  ['{ dailyRevenueBy(fill: true, first: 5) { nodes { revenueDate source netRevenue averageOrderValue } } }'],
  [
    '{ dailyRevenueBy(compareTo: { months: 1 }) { nodes { revenueDate(grain: MONTH) previous { netRevenue } } totals { netRevenue } } }',
  ],
  // What fails, before anything is read and behind it.
  [`{ inventoryRisk { nodes { inventoryId stockQuantity } } }`],
  ['{ dailyRevenue(first: 100000) { nodes { source } } }'],
  ['{ dailyRevenue(first: 1, last: 1) { nodes { source } } }'],
  ['{ dailyRevenue(after: "nonsense") { nodes { source } } }'],
  ['{ dailyRevenue(warehouse: "none") { nodes { source } } }'],
  ['{ dailyRevenue(build: "none") { nodes { source } } }'],
  ['query ($where: DailyRevenueWhere) { x: dailyRevenue(where: $where) { nodes { source } } }', { where: { or: [] } }],
  ['{ customerLifetimeValue { nodes { customerId } } }'],
]

/** The same question, which the general executor answers because of its directives. */
const general = (text: string): string =>
  print(
    visit(parse(text), {
      [Kind.FIELD]: (field) => ({
        ...field,
        directives: parse('{ x @skip(if: false) }').definitions.flatMap(directivesIn),
      }),
    }),
  )
const directivesIn = (definition: ReturnType<typeof parse>['definitions'][number]) =>
  definition.kind === Kind.OPERATION_DEFINITION
    ? definition.selectionSet.selections.flatMap((each) => each.directives ?? [])
    : []

describe.each(['duckdb', 'postgres'])('from %s,', (warehouse) => {
  test.each(questions.map(([text, variables]) => ({ text, variables })))(
    '$text is answered as the general executor answers it',
    async ({ text, variables }) => {
      const headers = { 'x-goldgate-warehouse': warehouse }
      const wanted = await gateway.ask(general(text), variables, headers)
      const withoutPlaces = (answer: string) =>
        answer.replace(/"locations":\[[^\]]*\]/g, '').replace(/reference[^,}]*/g, '')
      for (let i = 0; i < 2; i++) {
        const answer = await gateway.ask(text, variables, headers)
        expect([answer.status, withoutPlaces(answer.text)]).toEqual([wanted.status, withoutPlaces(wanted.text)])
      }
    },
  )

  test('a role reads its own rows', async () => {
    const text = '{ dailyRevenue { nodes { source revenueDate } totalCount } }'
    const headers = { 'x-goldgate-warehouse': warehouse, 'x-goldgate-role': 'demo' }
    const [direct, wanted] = [await gateway.ask(text, {}, headers), await gateway.ask(general(text), {}, headers)]
    expect(direct.text).toBe(wanted.text)
    expect(direct.text).not.toContain('other')
  })

  test('pages lead to each other, both ways', async () => {
    const page = async (args: string) => {
      const text = `{ dailyRevenue(${args}, warehouse: "${warehouse}") { nodes { source revenueDate } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
      const answer = await gateway.ask(text)
      expect(answer.text).toBe((await gateway.ask(general(text))).text)
      return answer.body.data?.dailyRevenue as { nodes: object[]; pageInfo: Record<string, string> }
    }
    const first = await page('first: 10')
    const second = await page(`first: 10, after: ${JSON.stringify(first.pageInfo.endCursor)}`)
    expect(await page(`last: 10, before: ${JSON.stringify(second.pageInfo.startCursor)}`)).toMatchObject({
      nodes: first.nodes,
    })
  })
})

test('the warehouse hands out text, where it can', async () => {
  const read = vi.spyOn(warehouses.postgres, 'query')
  await gateway.ask('{ dailyRevenue(warehouse: "postgres") { nodes { source netRevenue } } }')
  expect(read).not.toHaveBeenCalled()
  await gateway.ask(general('{ dailyRevenue(warehouse: "postgres") { nodes { source netRevenue } } }'))
  expect(read).toHaveBeenCalledOnce()
})
