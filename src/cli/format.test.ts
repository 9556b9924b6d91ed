import { expect, test } from 'vitest'
import { bytes, oneLine, rows, seconds, table } from './format.js'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [99_950_000, '100 MB'],
  [999_600, '1.0 MB'],
  [5_300_000_000, '5.3 GB'],
  [7_000_000_000_000, '7.0 TB'],
])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text))

test.each([
  [0.004, '0.00 s'],
  [9.994, '9.99 s'],
  [9.996, '10.0 s'],
  [59.96, '1 min 00 s'],
  [125.4, '2 min 05 s'],
])('%d seconds are %s', (value, text) => expect(seconds(value)).toBe(text))

test('rows are counted in words', () => {
  expect([rows(0), rows(1), rows(20_000)]).toEqual(['0 rows', '1 row', '20,000 rows'])
})

test('columns of numbers line up on the right, others on the left', () => {
  expect(
    table(
      ['name', 'rows'],
      [
        ['sales', '7'],
        ['x', '1,000'],
      ],
      '',
    ),
  ).toBe('name    rows\nsales      7\nx      1,000')
})

test('a raw row stays on its line', () => {
  expect(oneLine('a\r\n\tb\u001b[2Jc\u202e')).toBe('a b [2Jc')
  expect(oneLine('x'.repeat(200), 10)).toBe('xxxxxxx...')
})
