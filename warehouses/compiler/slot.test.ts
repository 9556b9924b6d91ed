import { expect, test } from 'vitest'
import { dailyRevenue as model } from '../../models/gold/daily-revenue.js'
import { adapterOf } from '../adapters/registry.js'
import type { FilterValue } from './query.js'
import { compileRows } from './rows.js'
import { Slot, withoutValues, withValues } from './slot.js'

const { dialect } = adapterOf('postgres')
const build = { buildId: 'b', tag: 'b_1' }
const order = [{ column: 'revenue_date', direction: 'desc', nulls: 'last' }] as const
const compile = (value: FilterValue, op: 'gte' | 'eq' = 'gte', column = 'net_revenue') =>
  compileRows({ model, build, columns: ['source'], where: { column, op, value }, order, limit: 2 }, dialect)

test('a statement with a slot is used for other values as if it had been compiled with them', () => {
  const slot = new Slot('least', '10.50')
  const statement = compile(slot)
  expect(slot.fits).toBe(true)
  for (const value of ['0', '-3.2', '99999.99'])
    expect(withValues(statement, { least: value })?.params.map((param) => param.value)).toEqual(
      compile(value).params.map((param) => param.value),
    )
  expect(statement.sql).toBe(compile('7').sql)
})

test('a value that would make another text is refused, and one that made it keeps the statement for itself', () => {
  const statement = compile(new Slot('least', '10.50'))
  // No column of two digits behind the point is equal to a tenth of a cent, and none reaches 10^40.
  expect(withValues(compile(new Slot('v', '1.00'), 'eq'), { v: '1.001' })).toBeUndefined()
  expect(withValues(statement, { least: `1${'0'.repeat(30)}` })).toBeUndefined()
  expect(withValues(statement, { least: null })).toBeUndefined()
  expect(withValues(statement, {})).toBeUndefined()
  const folded = new Slot('v', '1.001')
  compile(folded, 'eq')
  expect(folded.fits).toBe(false)
  const read = new Slot('v', '2024-01-01')
  expect(`${read}`).toBe('2024-01-01')
  expect(read.fits).toBe(false)
})

test('what is kept of a statement holds no value of a slot', () => {
  const long = 'x'.repeat(1_000)
  const kept = withoutValues(compile(new Slot('name', long), 'eq', 'source'))
  expect(JSON.stringify(kept)).not.toContain(long)
  expect(withValues(kept, { name: 'demo' })?.params.map((param) => param.value)).toEqual(['demo'])
})
