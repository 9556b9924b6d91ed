import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boolean, closedList, date, decimal, integer, text, timestamp } from '../../models/columns.js'
import type { LogicalType } from '../../models/types.js'
import { decimalFromUnits } from './decimal.js'
import { decodeValue, encodeValue, type Value } from './values.js'

const list = closedList('State', ['low', 'high'])

describe('the canonical text of a value', () => {
  it.each<[LogicalType, Value]>([
    [text, ''],
    [text, "o'a\n😀"],
    [list, 'low'],
    [integer, -9223372036854775808n],
    [integer, 9223372036854775807n],
    [boolean, true],
    [boolean, false],
    [date, '1969-12-31'],
    [timestamp, '2024-02-29T23:59:59.999999Z'],
    [date, null],
  ])('reads back as the value (%j, %s)', (type, value) => {
    expect(decodeValue(encodeValue(value), type)).toBe(value)
  })

  it('reads back every decimal to the last of 38 digits', () => {
    const units = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: 38 }), (each, scale) => {
        const value = decimalFromUnits(each, scale)
        expect(decodeValue(encodeValue(value), decimal(38, scale))).toBe(value)
      }),
      { seed: 20261121 },
    )
  })

  it.each([
    ['12.5', '12.50'],
    ['12.5000', '12.50'],
    ['-0', '0.00'],
    ['007', '7.00'],
  ])('brings %s to the scale of its column: %s', (given, value) => {
    expect(decodeValue(given, decimal(5, 2))).toBe(value)
  })

  it.each<[LogicalType, string]>([
    [decimal(5, 2), '1.005'],
    [decimal(5, 2), '1000'],
    [decimal(5, 2), '-1000'],
    [decimal(5, 2), '1e1'],
    [decimal(5, 2), ''],
    [integer, '9223372036854775808'],
    [integer, '1.0'],
    [integer, ''],
    [boolean, 't'],
    [list, 'LOW'],
    [date, '2023-02-29'],
    [date, '2024-1-1'],
    [date, '0000-01-01'],
    [timestamp, '2024-01-01T00:00:00Z'],
    [timestamp, '2024-01-01T24:00:00.000000Z'],
    [timestamp, '2023-02-29T00:00:00.000000Z'],
  ])('is refused where it is none (%j, %j)', (type, given) => {
    expect(() => decodeValue(given, type)).toThrow(RangeError)
  })
})
