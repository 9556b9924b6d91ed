import { type GraphQLScalarType, parseValue } from 'graphql'
import { describe, expect, test } from 'vitest'
import { DateScalar } from './date.js'
import { DecimalScalar } from './decimal.js'
import { SafeIntScalar } from './safe-int.js'
import { TimestampScalar } from './timestamp.js'

const literal = (scalar: GraphQLScalarType, text: string): unknown => scalar.parseLiteral(parseValue(text), {})
const refuses = (scalar: GraphQLScalarType, value: unknown) =>
  expect(() => scalar.parseValue(value)).toThrow(scalar.name)

test.each([
  [DecimalScalar, '"1,000"'],
  [DecimalScalar, 'true'],
  [DateScalar, '"2025-02-30"'],
  [SafeIntScalar, '12345678901234567890'],
  [TimestampScalar, '"now"'],
])('a literal that %s refuses is told with its place', (scalar, text) => {
  const node = parseValue(text)
  expect(() => scalar.parseLiteral(node, {})).toThrow(expect.objectContaining({ nodes: [node] }))
})

describe('Decimal', () => {
  test.each([
    ['007.50', '7.5'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['0.10', '0.1'],
    ['-12', '-12'],
    ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
  ])('reads %s as %s', (text, value) => expect(DecimalScalar.parseValue(text)).toBe(value))

  test.each([
    '',
    ' 1',
    '1e3',
    'NaN',
    'Infinity',
    '.5',
    '5.',
    '+1',
    '0x10',
    '1,000',
    '١',
    '1'.repeat(39),
    `0.${'0'.repeat(38)}1`,
    "1'; DROP TABLE x --",
  ])('refuses the text %j', (text) => refuses(DecimalScalar, text))

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53, true, null, ['1'], {}])(
    'refuses %j, which is no exact number',
    (value) => refuses(DecimalScalar, value),
  )

  test('takes a JSON number whose digits a double keeps', () => {
    expect(DecimalScalar.parseValue(19.99)).toBe('19.99')
    expect(DecimalScalar.parseValue(-0)).toBe('0')
    expect(DecimalScalar.parseValue(123456789012.345)).toBe('123456789012.345')
  })

  test('keeps every digit of a literal, and refuses an exponent there too', () => {
    expect(literal(DecimalScalar, '1234567890123456789012345678.0123456789')).toBe(
      '1234567890123456789012345678.0123456789',
    )
    expect(() => literal(DecimalScalar, '1e2')).toThrow('Decimal')
    expect(() => literal(DecimalScalar, 'true')).toThrow('Decimal')
  })

  test('writes the text of the warehouse unchanged, and never a float', () => {
    expect(DecimalScalar.serialize('12.50')).toBe('12.50')
    expect(() => DecimalScalar.serialize(12.5)).toThrow('number')
  })
})

describe('Date', () => {
  test.each(['0001-01-01', '2024-02-29', '2000-02-29', '9999-12-31', '1969-07-20'])('takes %s', (date) =>
    expect(DateScalar.parseValue(date)).toBe(date),
  )
  test.each([
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '0000-01-01',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '24-01-01',
    '2024-1-1',
    '2024-01-01T00:00:00Z',
    '',
    20240101,
    null,
  ])('refuses %j', (value) => refuses(DateScalar, value))
})

describe('Timestamp', () => {
  test.each([
    ['2024-03-31T18:30:00Z', '2024-03-31T18:30:00.000000Z'],
    ['2024-03-31T18:30Z', '2024-03-31T18:30:00.000000Z'],
    ['2024-03-31T20:30:00.123456+02:00', '2024-03-31T18:30:00.123456Z'],
    ['2024-01-01T00:30:00.5+01:00', '2023-12-31T23:30:00.500000Z'],
    ['2023-12-31T23:30:00-00:45', '2024-01-01T00:15:00.000000Z'],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000000Z'],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
  ])('reads %s as %s', (text, value) => expect(TimestampScalar.parseValue(text)).toBe(value))

  test.each([
    '2024-03-31',
    '2024-03-31T18:30:00',
    '2024-02-30T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00.1234567Z',
    '2024-01-01T00:00:00+24:00',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    1711909800,
    null,
  ])('refuses %j', (value) => refuses(TimestampScalar, value))
})

describe('SafeInt', () => {
  test('is exact up to 2^53 - 1 on both sides', () => {
    expect(SafeIntScalar.serialize(9007199254740991n)).toBe(9007199254740991)
    expect(SafeIntScalar.serialize(-9007199254740991n)).toBe(-9007199254740991)
    expect(SafeIntScalar.parseValue(9007199254740991)).toBe(9007199254740991n)
    expect(literal(SafeIntScalar, '-9007199254740991')).toBe(-9007199254740991n)
  })

  test('is an error beyond, in and out', () => {
    expect(() => SafeIntScalar.serialize(9007199254740992n)).toThrow('2^53')
    refuses(SafeIntScalar, 2 ** 53)
    expect(() => literal(SafeIntScalar, '9007199254740992')).toThrow('SafeInt')
    expect(() => literal(SafeIntScalar, '99999999999999999999999')).toThrow('SafeInt')
  })

  test.each([1.5, '1', true, Number.NaN, null])('refuses %j', (value) => refuses(SafeIntScalar, value))
})
