import { describe, expect, test } from 'vitest'
import { dailyRevenue } from '../../models/gold/daily-revenue.js'
import { defaultLimits } from '../limits/limits.js'
import { type InputObject, readFilter } from './filter.js'
import { readOrder } from './order.js'
import { readPage } from './page.js'

const filter = (where: InputObject | null | undefined) => readFilter(dailyRevenue, where, defaultLimits)
const page = (args: Parameters<typeof readPage>[0]) => readPage(args, defaultLimits)
const withCode = (code: string, message?: string) =>
  expect.objectContaining({ code, ...(message ? { message: expect.stringContaining(message) } : {}) })

describe('where', () => {
  test('without a condition is none', () => {
    for (const where of [undefined, null, {}, { netRevenue: {} }, { and: [] }, { and: [{}] }])
      expect(filter(where)).toBeUndefined()
  })

  test('is the same filter whatever order its fields are written in', () => {
    const written = filter({ netRevenue: { gte: '10', lt: '20' }, source: { eq: 'demo' } })
    expect(filter({ source: { eq: 'demo' }, netRevenue: { lt: '20', gte: '10' } })).toEqual(written)
    expect(JSON.stringify(filter({ source: { eq: 'demo' }, netRevenue: { lt: '20', gte: '10' } }))).toBe(
      JSON.stringify(written),
    )
  })

  test('takes every operator to the filter of the compiler', () => {
    expect(
      filter({
        source: { ne: 'a', in: ['b'], notIn: [], contains: 'c', startsWith: 'd' },
        revenueDate: { between: { from: '2024-01-01', to: '2024-12-31' }, isNull: false },
        or: [{ totalOrders: { gt: 3n } }, { not: { totalOrders: { lte: 1n } } }],
      }),
    ).toEqual({
      and: [
        { column: 'source', op: 'ne', value: 'a' },
        { column: 'source', op: 'in', values: ['b'] },
        { column: 'source', op: 'notIn', values: [] },
        { column: 'source', op: 'contains', value: 'c' },
        { column: 'source', op: 'startsWith', value: 'd' },
        { column: 'revenue_date', op: 'between', from: '2024-01-01', to: '2024-12-31' },
        { column: 'revenue_date', op: 'isNull', value: false },
        {
          or: [
            { column: 'total_orders', op: 'gt', value: 3n },
            { not: { column: 'total_orders', op: 'lte', value: 1n } },
          ],
        },
      ],
    })
  })

  test.each<[string, InputObject]>([
    ['where.netRevenue.eq', { netRevenue: { eq: null } }],
    ['where.netRevenue', { netRevenue: null }],
    ['where.source.in', { source: { in: null } }],
    ['where.source.in[1]', { source: { in: ['a', null] } }],
    ['where.source.isNull', { source: { isNull: null } }],
    ['where.revenueDate.between', { revenueDate: { between: null } }],
    ['where.and', { and: null }],
    ['where.or', { or: [] }],
    ['where.or[1]', { or: [{ source: { eq: 'a' } }, {}] }],
    ['where.not', { not: { source: {} } }],
  ])('never reads a missing condition as none: %s', (path, where) => {
    expect(() => filter(where)).toThrow(withCode('FILTER_INVALID', `\`${path}\``))
  })

  test('is limited in depth, conditions and values', () => {
    let deep: InputObject = { source: { eq: 'a' } }
    for (let i = 0; i < 20; i++) deep = { not: deep }
    const wide = { or: Array.from({ length: 201 }, () => ({ source: { eq: 'a' } })) }
    const long = { source: { in: Array.from({ length: 5001 }, () => 'a') } }
    for (const where of [deep, wide, long]) expect(() => filter(where)).toThrow(withCode('FILTER_TOO_LARGE'))
  })
})

describe('orderBy', () => {
  const names = (order: ReturnType<typeof readOrder>) =>
    order.map(({ column, direction, nulls }) => `${column} ${direction} ${nulls}`)

  test('is the default order of the model and then its grain when nothing is asked for', () => {
    for (const none of [undefined, null, []]) {
      expect(names(readOrder(dailyRevenue, none))).toEqual(['revenue_date desc last', 'source asc last'])
    }
  })

  test('gets the grain appended, with rows without a value last unless asked otherwise', () => {
    expect(
      names(
        readOrder(dailyRevenue, [
          { field: 'refund_total', direction: 'desc' },
          { field: 'average_order_value', direction: 'asc', nulls: 'first' },
          { field: 'source', direction: 'desc', nulls: 'first' },
        ]),
      ),
    ).toEqual(['refund_total desc last', 'average_order_value asc first', 'source desc last', 'revenue_date asc last'])
  })

  test('names a field once', () => {
    const twice = [
      { field: 'net_revenue', direction: 'asc' },
      { field: 'net_revenue', direction: 'desc' },
    ] as const
    expect(() => readOrder(dailyRevenue, twice)).toThrow(withCode('ORDER_INVALID', 'netRevenue'))
  })
})

describe('a page', () => {
  test('has 50 rows unless asked otherwise, and 1,000 at most', () => {
    expect(page({})).toEqual({ size: 50, fromEnd: false })
    expect(page({ first: 1000 }).size).toBe(1000)
    expect(page({ first: 0 }).size).toBe(0)
    for (const args of [{ first: 1001 }, { last: 2_147_483_647 }])
      expect(() => page(args)).toThrow(withCode('PAGE_TOO_LARGE', '1000'))
  })

  test('is taken from one end and begins at one cursor', () => {
    for (const args of [{ first: 1, last: 1 }, { after: 'a', before: 'b' }, { first: -1 }, { last: -1 }]) {
      expect(() => page(args)).toThrow(withCode('PAGE_ARGUMENTS_INVALID'))
    }
  })

  test('in front of a cursor ends at it, unless the first rows are asked for', () => {
    expect(page({ before: 'c' })).toEqual({ size: 50, fromEnd: true, cursor: { side: 'before', text: 'c' } })
    expect(page({ before: 'c', first: 2 })).toEqual({ size: 2, fromEnd: false, cursor: { side: 'before', text: 'c' } })
    expect(page({ after: 'c', last: 2 })).toEqual({ size: 2, fromEnd: true, cursor: { side: 'after', text: 'c' } })
  })
})
