import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { type Day, keyOf, type Page, pageOf } from '../../tests/fixtures/gateway/pages.js'
import type { RecordingWarehouse } from '../../tests/fixtures/gateway/recording-warehouse.js'

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses()
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('pages from %s', (name) => {
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
  describe.each([
    ['the default order', ''],
    ['a column with NULLs, descending', 'orderBy: [{ field: REFUND_TOTAL, direction: DESC }]'],
    ['NULLs first', 'orderBy: [{ field: REFUND_TOTAL, nulls: FIRST }, { field: NET_REVENUE, direction: DESC }]'],
    ['ties and a filter', 'orderBy: [{ field: NET_REVENUE }], where: { totalOrders: { gte: 1 } }'],
  ])('in pages by %s', (_, question) => {
    const whole = async () => (await page(`(${[question, 'first: 1000'].filter(Boolean).join(', ')})`)).nodes.map(keyOf)

    test.each([1, 4, 24, 25, 26])('of %i walked forwards are the whole list', async (size) => {
      const all = await whole()
      const walked: string[] = []
      let after: string | null = null
      do {
        const { nodes, pageInfo }: Page<Day> = await page(
          `(${question} first: ${size}, after: $after)`,
          { after },
          '($after: String)',
        )
        expect(pageInfo.hasPreviousPage).toBe(after !== null)
        walked.push(...nodes.map(keyOf))
        expect(pageInfo.hasNextPage).toBe(walked.length < all.length)
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null
      } while (after !== null)
      expect(walked).toEqual(all)
    })

    test.each([1, 4, 25])('of %i walked backwards are the whole list', async (size) => {
      const all = await whole()
      let walked: string[] = []
      let before: string | null = null
      do {
        const { nodes, pageInfo }: Page<Day> = await page(
          `(${question} last: ${size}, before: $before)`,
          { before },
          '($before: String)',
        )
        expect(pageInfo.hasNextPage).toBe(before !== null)
        walked = [...nodes.map(keyOf), ...walked]
        expect(pageInfo.hasPreviousPage).toBe(walked.length < all.length)
        before = pageInfo.hasPreviousPage ? pageInfo.startCursor : null
      } while (before !== null)
      expect(walked).toEqual(all)
    })

    test('can begin at either end of what a cursor leaves', async () => {
      const all = await whole()
      const { pageInfo } = await page(`(${question} first: 10)`)
      const cursor = { cursor: pageInfo.endCursor }
      const from = async (args: string) => {
        const got = await page(`(${question} ${args})`, cursor, '($cursor: String)')
        return [got.nodes.map(keyOf), got.pageInfo.hasPreviousPage, got.pageInfo.hasNextPage]
      }
      expect(await from('before: $cursor, first: 3')).toEqual([all.slice(0, 3), false, true])
      expect(await from('before: $cursor')).toEqual([all.slice(0, 9), false, true])
      expect(await from('after: $cursor, last: 3')).toEqual([all.slice(-3), true, false])
    })
  })

  test('of an empty page have no cursors', async () => {
    const { nodes, pageInfo, totalCount } = await page('(where: { source: { eq: "nobody" } })')
    expect({ nodes, pageInfo, totalCount }).toEqual({
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: 0,
    })
    expect(await page('(first: 0)')).toMatchObject({
      nodes: [],
      pageInfo: { hasNextPage: true, endCursor: null },
      totalCount: 25,
    })
  })
})
