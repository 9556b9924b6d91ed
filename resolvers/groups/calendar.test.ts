import { expect, test } from 'vitest'
import { addDays, addMonths, daysBetween, isMonthEnd, monthStart, periodEnd, periodsIn } from './calendar.js'

test('months end where they end', () => {
  expect(addMonths('2025-03-31', -1)).toBe('2025-02-28')
  expect(addMonths('2024-03-31', -1)).toBe('2024-02-29')
  expect(addMonths('2024-02-29', -12)).toBe('2023-02-28')
  expect(addMonths('2024-01-15', -1)).toBe('2023-12-15')
  expect(addMonths('2024-11-30', 3)).toBe('2025-02-28')
  expect(['2025-02-28', '2024-02-28', '2024-02-29', '2025-12-31'].map(isMonthEnd)).toEqual([true, false, true, true])
})

test('days are counted over months, years and leap days', () => {
  expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
  expect(addDays('2025-01-01', -1)).toBe('2024-12-31')
  expect(daysBetween('2024-02-01', '2024-03-01')).toBe(29)
  expect(addDays('0099-12-31', 1)).toBe('0100-01-01')
})

test('periods end before the next one begins', () => {
  expect(periodEnd('2024-12-30', 'week')).toBe('2025-01-05')
  expect(periodEnd('2024-02-01', 'month')).toBe('2024-02-29')
  expect(periodEnd('2024-10-01', 'quarter')).toBe('2024-12-31')
  expect(periodEnd('2024-01-01', 'year')).toBe('2024-12-31')
  expect(monthStart('2024-02-29')).toBe('2024-02-01')
})

test.each([
  ['2024-02-28', '2024-03-01', 'day', 3],
  ['2024-03-03', '2024-03-04', 'week', 2],
  ['2024-03-04', '2024-03-10', 'week', 1],
  ['1969-12-28', '1970-01-05', 'week', 3],
  ['2023-12-31', '2024-01-01', 'month', 2],
  ['0001-01-01', '0800-12-31', 'month', 9_600],
  ['2024-03-31', '2024-10-01', 'quarter', 4],
  ['2023-12-31', '2024-01-01', 'year', 2],
  ['2024-01-02', '2024-01-01', 'day', 0],
] as const)('from %s to %s, each %s: %i', (from, to, grain, count) => {
  expect(periodsIn(from, to, grain)).toBe(count)
})

test('the calendar ends with the years 1 and 9999', () => {
  expect(() => addDays('0001-01-01', -1)).toThrow(RangeError)
  expect(() => addMonths('9999-12-01', 1)).toThrow(RangeError)
})
