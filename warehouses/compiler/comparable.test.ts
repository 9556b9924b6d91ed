import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boolean, date, decimal, integer, text } from '../../models/columns.js'
import type { LogicalType } from '../../models/types.js'
import { decimalFromUnits, unitsOf } from '../contract/decimal.js'
import type { Comparison } from '../contract/values.js'
import { comparable } from './comparable.js'

const op = fc.constantFrom<Comparison>('eq', 'ne', 'lt', 'lte', 'gt', 'gte')
const holds = (side: bigint, by: Comparison): boolean =>
  ({ eq: side === 0n, ne: side !== 0n, lt: side < 0n, lte: side <= 0n, gt: side > 0n, gte: side >= 0n })[by]

describe('a value fitted to its column', () => {
  it('keeps every comparison with a decimal exact, whatever its digits', () => {
    const type = decimal(3, 1)
    const cell = fc.bigInt({ min: -999n, max: 999n })
    const value = fc.oneof(
      fc
        .tuple(fc.bigInt({ min: -1200n, max: 1200n }), fc.constantFrom(0n, 1n, 500n, 999n))
        .map(([units, rest]) => decimalFromUnits(units * 1000n + rest, 4)),
      fc.bigInt({ min: -30n, max: 30n }).map((units) => decimalFromUnits(units, 2)),
    )
    fc.assert(
      fc.property(cell, value, op, (units, other, by) => {
        const fitted = comparable(by, other, type)
        const exactly = holds(units * 1000n - unitsOf(other, 4).floor, by)
        if (typeof fitted === 'string') {
          expect(exactly).toBe(fitted === 'every value')
          return
        }
        const bound = unitsOf(String(fitted.value), 1)
        expect(bound.exact && bound.floor <= 999n && bound.floor >= -999n, String(fitted.value)).toBe(true)
        expect(holds(units - bound.floor, fitted.op)).toBe(exactly)
      }),
      { seed: 20261121, numRuns: 4000 },
    )
  })

  it.each<[Comparison, bigint, unknown]>([
    ['lt', 2n ** 63n, 'every value'],
    ['gte', 2n ** 63n, 'no value'],
    ['gt', -(2n ** 63n) - 1n, 'every value'],
    ['eq', 2n ** 63n, 'no value'],
    ['ne', 2n ** 63n, 'every value'],
    ['lte', 2n ** 63n - 1n, { op: 'lte', value: 2n ** 63n - 1n }],
  ])('settles %s with an integer of more than 64 bits by itself', (by, value, fitted) => {
    expect(comparable(by, value, integer)).toEqual(fitted)
  })

  it.each<[Comparison, string, unknown]>([
    ['eq', 'a\0', 'no value'],
    ['ne', 'a\0', 'every value'],
    ['lt', 'a\0b', { op: 'lte', value: 'a' }],
    ['gte', 'a\0', { op: 'gt', value: 'a' }],
    ['eq', '\ud83d', 'no value'],
    ['eq', '😀', { op: 'eq', value: '😀' }],
  ])('sends no text that a warehouse cannot hold: %s %j', (by, value, fitted) => {
    expect(comparable(by, value, text)).toEqual(fitted)
  })

  it.each<[LogicalType, string | bigint | boolean]>([
    [integer, '1'],
    [decimal(3, 1), 1n],
    [decimal(3, 1), '1e3'],
    [text, true],
    [boolean, 'true'],
    [date, 1n],
  ])('refuses a value of another type (%j, %s)', (type, value) => {
    expect(() => comparable('eq', value, type)).toThrow(RangeError)
  })
})
