import { describe, expect, test } from 'vitest'
import { dailyRevenue } from '../../models/gold/daily-revenue.js'
import type { GroupDimension } from '../../warehouses/compiler/group-query.js'
import type { Filter } from '../../warehouses/compiler/query.js'
import { type ComparisonInput, readComparison } from './comparison.js'

const column = 'revenue_date'
const range = (from: string, to: string): Filter => ({ column, op: 'between', from, to })
const by = (grain?: 'day' | 'week' | 'month' | 'quarter' | 'year'): GroupDimension[] =>
  grain ? [{ column, grain }] : []
const read = (input: ComparisonInput, where?: Filter, dimensions: GroupDimension[] = []) =>
  readComparison(dailyRevenue, input, dimensions, where)

describe('the days that a range is compared with', () => {
  test.each<[ComparisonInput, [string, string], [string, string]]>([
    [{ months: 1 }, ['2025-02-01', '2025-02-28'], ['2025-01-01', '2025-01-31']],
    [{ months: 1 }, ['2025-03-01', '2025-03-31'], ['2025-02-01', '2025-02-28']],
    [{ months: 1 }, ['2025-03-01', '2025-03-15'], ['2025-02-01', '2025-02-15']],
    [{ months: 1 }, ['2025-01-15', '2025-02-28'], ['2024-12-15', '2025-01-31']],
    [{ months: 1 }, ['2025-02-15', '2025-02-28'], ['2025-01-15', '2025-01-28']],
    [{ months: 1 }, ['2024-02-28', '2024-02-29'], ['2024-01-28', '2024-01-29']],
    [{ months: 1 }, ['2024-02-29', '2024-02-29'], ['2024-01-31', '2024-01-31']],
    [{ months: 1 }, ['2024-02-28', '2024-02-28'], ['2024-01-28', '2024-01-28']],
    [{ years: 1 }, ['2024-02-01', '2024-02-29'], ['2023-02-01', '2023-02-28']],
    [{ years: 1 }, ['2025-02-01', '2025-02-28'], ['2024-02-01', '2024-02-29']],
    [{ years: 1 }, ['2025-06-03', '2025-06-10'], ['2024-06-03', '2024-06-10']],
    [{ previousPeriod: true }, ['2025-03-01', '2025-03-31'], ['2025-02-01', '2025-02-28']],
    [{ previousPeriod: true }, ['2025-01-01', '2025-03-31'], ['2024-10-01', '2024-12-31']],
    [{ previousPeriod: true }, ['2025-03-10', '2025-03-16'], ['2025-03-03', '2025-03-09']],
    [{ previousPeriod: true }, ['2024-03-01', '2024-03-01'], ['2024-02-29', '2024-02-29']],
  ])('%o of %o are %o', (input, [from, to], [first, last]) => {
    expect(read(input, range(from, to)).bounds).toEqual({ from: first, to: last })
  })

  test('are told from all conditions on the date, which leave the others alone', () => {
    const other: Filter = { column: 'source', op: 'eq', value: 'demo' }
    const where: Filter = {
      and: [
        { column, op: 'gt', value: '2025-01-31' },
        other,
        {
          and: [
            { column, op: 'lt', value: '2025-03-01' },
            { column, op: 'lte', value: '2025-12-31' },
          ],
        },
      ],
    }
    const { bounds, others } = read({ months: 1 }, where)
    expect(bounds).toEqual({ from: '2025-01-01', to: '2025-01-31' })
    expect(others).toEqual([other])
    const open = read({ years: 1 }, { column, op: 'gte', value: '2025-01-01' }, by('month'))
    expect(open.bounds).toEqual({ from: '2024-01-01' })
  })
})

test.each<[ComparisonInput, GroupDimension[], string, string]>([
  [{ months: 1 }, by('day'), '2025-03-31', '2025-02-28'],
  [{ months: 1 }, by('month'), '2025-01-01', '2024-12-01'],
  [{ months: 3 }, by('quarter'), '2025-01-01', '2024-10-01'],
  [{ years: 1 }, by('year'), '2025-01-01', '2024-01-01'],
  [{ previousPeriod: true }, by('day'), '2024-03-01', '2024-02-29'],
  [{ previousPeriod: true }, by('week'), '2025-01-06', '2024-12-30'],
  [{ previousPeriod: true }, by('month'), '2025-03-01', '2025-02-01'],
  [{ previousPeriod: true }, by('quarter'), '2025-01-01', '2024-10-01'],
  [{ previousPeriod: true }, by('year'), '2025-01-01', '2024-01-01'],
])('%o by %o: %s is compared with %s', (input, dimensions, period, partner) => {
  expect(read(input, undefined, dimensions).shift(period)).toBe(partner)
})

test.each<[string, ComparisonInput, GroupDimension[], Filter | undefined]>([
  ['takes one of', {}, [], undefined],
  ['takes one of', { months: 1, years: 1 }, [], undefined],
  ['takes one of', { previousPeriod: false }, [], undefined],
  ['takes 1 to 1200', { months: 0 }, by('month'), undefined],
  ['weeks', { months: 1 }, by('week'), undefined],
  ['whole quarters', { months: 1 }, by('quarter'), undefined],
  ['one date', { months: 1 }, [...by('month'), ...by('year')], undefined],
  ['a beginning and an end', { previousPeriod: true }, [], { column, op: 'gte', value: '2025-01-01' }],
  ['a beginning and an end', { years: 1 }, [], { column, op: 'gte', value: '2025-01-01' }],
  ['a beginning and an end', { months: 1 }, [], { column, op: 'lte', value: '2025-01-31' }],
  ['a beginning and an end', { years: 1 }, [], undefined],
  ['outside of', { months: 1 }, [], { not: range('2025-01-01', '2025-01-31') }],
  ['outside of', { months: 1 }, [], { column, op: 'in', values: ['2025-01-01'] }],
  ['the year 1', { years: 1200 }, [], range('0900-01-01', '0900-12-31')],
])('a comparison that has no meaning is refused: %s', (message, input, dimensions, where) => {
  expect(() => read(input, where, dimensions)).toThrow(message)
})
