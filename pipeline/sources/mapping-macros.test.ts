import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mappingMacros } from './mapping-macros.js'

let instance: DuckDBInstance
let connection: DuckDBConnection
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  for (const macro of mappingMacros({ currency: 'EUR', timezone: 'Europe/Oslo' })) await connection.run(macro)
})
afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

const value = async (expression: string) => {
  const [row] = (await connection.runAndReadAll(`SELECT ${expression}, typeof(${expression})`)).getRows()
  expect(row?.[1]).toMatch(/VARCHAR|NULL/)
  return row?.[0] ?? null
}

it.each([
  ["parse_money('$6.62 ')", '6.62'],
  ["parse_money('$2,899.99 ')", '2899.99'],
  ["parse_money('€ 1 234')", '1234'],
  ["parse_money('(12.50)')", '-12.50'],
  ["parse_money('-£3')", '-3'],
  ["parse_money('1,5')", '1,5'],
  ["parse_money('1.234,56')", '1.234,56'],
  ["parse_money('free')", 'free'],
  ["parse_money('')", ''],
  ['parse_money(NULL)', null],
  ["parse_decimal('1.234,56', ',')", '1234.56'],
  ["parse_decimal('1,234.56', ',')", '1,234.56'],
  ["parse_integer('1,234')", '1234'],
  ["parse_integer('17850.0')", '17850'],
  ["parse_integer('12.5')", '12.5'],
  ["parse_integer('x')", 'x'],
  ["parse_date('2/9/2016', '%m/%d/%Y')", '2016-02-09'],
  ["parse_date('13/9/2016', '%m/%d/%Y')", '13/9/2016'],
  ["parse_date(NULL, '%d')", null],
  ["parse_timestamp('09.02.2016 13:30', '%d.%m.%Y %H:%M', 'Europe/Oslo')", '2016-02-09T12:30:00.000000Z'],
  ["parse_timestamp('soon', '%d.%m.%Y', 'UTC')", 'soon'],
  ["local_date('2016-02-09T23:30:00Z', 'Europe/Oslo')", '2016-02-10'],
  // The nights before and behind the Sundays on which clocks change.
  ["local_date('2024-03-30T22:59:59Z', 'Europe/Oslo')", '2024-03-30'],
  ["local_date('2024-03-30T23:00:00Z', 'Europe/Oslo')", '2024-03-31'],
  ["local_date('2024-03-31T21:59:59Z', 'Europe/Oslo')", '2024-03-31'],
  ["local_date('2024-03-31T22:00:00Z', 'Europe/Oslo')", '2024-04-01'],
  ["local_date('2024-10-26T22:00:00Z', 'Europe/Oslo')", '2024-10-27'],
  ["local_date('2024-10-27T22:59:59Z', 'Europe/Oslo')", '2024-10-27'],
  ["local_date('2024-10-27T23:00:00Z', 'Europe/Oslo')", '2024-10-28'],
  ["local_date('soon', 'Europe/Oslo')", 'soon'],
  ["local_date('2024-06-30T23:59:00+99:00', 'Europe/Oslo')", '2024-06-30T23:59:00+99:00'],
  ["local_midnight('2016-07-01', source_timezone())", '2016-06-30T22:00:00.000000Z'],
  ["local_midnight('soon', 'UTC')", 'soon'],
  ["blank_to_null('  ')", null],
  ["blank_to_null(' a ')", 'a'],
  ['source_timezone()', 'Europe/Oslo'],
  ['source_currency()', 'EUR'],
])('%s', async (expression, expected) => {
  expect(await value(expression)).toBe(expected)
})
