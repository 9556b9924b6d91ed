import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellsOf } from '../../../../warehouses/contract/cells.js'
import { decimalFromUnits } from '../../../../warehouses/contract/decimal.js'
import type { Value } from '../../../../warehouses/contract/values.js'
import type { Columns, FormatOptions } from './format.js'
import { tableWriter } from './writer.js'

const columns: Columns = [
  { name: 'text', type: { kind: 'text' } },
  { name: 'amount', type: { kind: 'decimal', precision: 38, scale: 2 } },
  { name: 'count', type: { kind: 'integer' } },
  { name: 'yes', type: { kind: 'boolean' } },
  { name: 'day', type: { kind: 'date' } },
  { name: 'at', type: { kind: 'timestamp' } },
]
const tableOf = (rows: readonly Value[][]) => ({
  cells: cellsOf(rows),
  width: columns.length,
  places: columns.map((_, i) => i),
})
const row = (text: Value, amount: Value = null, count: Value = null): Value[] => [text, amount, count, null, null, null]
const options: FormatOptions = { decimals: 'string', bom: false }

function written(format: 'csv' | 'ndjson', rows: readonly Value[][], more: Partial<FormatOptions> = {}): string[] {
  const writer = tableWriter(format, columns, { ...options, ...more })
  return `${writer.begin()}${Buffer.from(writer.rows(tableOf(rows))).toString()}${writer.end()}`.trimEnd().split('\n')
}

test('CSV defuses texts that a spreadsheet would run, and leaves numbers as they are', () => {
  const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '=cmd|"/c calc"!A0', "'=1"]
  const [, ...lines] = written(
    'csv',
    evil.map((text) => row(text, '-12.50', -3n)),
  )
  expect(lines).toEqual([
    "'=1+1,-12.50,-3,,,",
    "'+1,-12.50,-3,,,",
    "'-1,-12.50,-3,,,",
    "'@SUM(A1),-12.50,-3,,,",
    "'\t=1,-12.50,-3,,,",
    '"\'=cmd|""/c calc""!A0",-12.50,-3,,,',
    "'=1,-12.50,-3,,,",
  ])
  expect(written('csv', [row('\r=1')])[1]).toBe('"\'\r=1",,,,,')
})

test('CSV tells NULL from the empty text, and quotes what needs it', () => {
  const [, ...lines] = written('csv', [row(null), row(''), row('a,"b"')])
  expect(lines).toEqual([',,,,,', '"",,,,,', '"a,""b""",,,,,'])
})

test('NDJSON keeps every digit of integers and decimals', () => {
  const big = row('a', '123456789012345678901234567890123456.78', 9007199254740993n)
  expect(written('ndjson', [big])[0]).toContain(
    '"amount":"123456789012345678901234567890123456.78","count":9007199254740993',
  )
  expect(written('ndjson', [big], { decimals: 'number' })[0]).toContain(
    '"amount":123456789012345678901234567890123456.78,',
  )
})

test('Arrow keeps every type exactly, over several batches, and lacks its end until there is one', () => {
  const writer = tableWriter('arrow', columns, options)
  const first = [
    'ä€😀',
    '-99999999999999999999999999999999999.99',
    -5n,
    true,
    '1969-12-31',
    '1969-12-31T23:59:59.999999Z',
  ]
  const parts = [
    writer.begin(),
    writer.rows(tableOf([first, row(null)])),
    writer.rows(tableOf([['', '0.05', 2n ** 63n - 1n, false, '9999-12-31', '2024-02-29T12:00:00.000001Z']])),
  ].map((part) => Buffer.from(part))
  const whole = Buffer.concat([...parts, Buffer.from(writer.end())])
  const table = tableFromIPC(whole)
  expect(table.schema.fields.map((field) => String(field.type))).toEqual([
    ...['Utf8', 'Decimal[38e+2]', 'Int64', 'Bool', 'Date32<DAY>', 'Timestamp<MICROSECOND, UTC>'],
  ])
  expect([...(table.getChild('text') ?? [])]).toEqual(['ä€😀', null, ''])
  expect([...(table.getChild('count') ?? [])]).toEqual([-5n, null, 2n ** 63n - 1n])
  expect([...(table.getChild('yes') ?? [])]).toEqual([true, null, false])
  const words = table.getChild('amount')?.get(0) as Uint32Array
  const [a = 0, b = 0, c = 0, d = 0] = words
  const units = BigInt.asIntN(128, BigInt(a) | (BigInt(b) << 32n) | (BigInt(c) << 64n) | (BigInt(d) << 96n))
  expect(units).toBe(-9999999999999999999999999999999999999n)
  const micros = table.getChild('at')?.data.flatMap(({ values }) => [...(values as BigInt64Array)])
  expect(micros).toEqual([-1n, 0n, 1709208000000001n])
  expect(whole.length - Buffer.concat(parts).length).toBe(8)
})

/** Texts that are made of what matters to somebody. */
const nasty = fc.string({
  unit: fc.constantFrom(...'=+-@\t\r\n＝＋－＠",\'\\ab1 ä€😀\u0001\u001f\u007f\u2028'),
  maxLength: 6,
})

/** As RFC 4180 and OWASP have it, written to be read. */
function cellAsText(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

test('whatever a text holds, CSV and NDJSON write it as they should, whichever cells a table takes of its rows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.option(nasty), fc.option(nasty)), { minLength: 1, maxLength: 5 }), (rows) => {
      const names = ['b', 'a', 'b again']
      const table = { cells: cellsOf(rows), width: 2, places: [1, 0, 1] }
      const shown = rows.map(([a, b]) => [b, a, b])
      const textOf = (format: 'csv' | 'ndjson') =>
        Buffer.from(
          tableWriter(
            format,
            names.map((name) => ({ name, type: { kind: 'text' } })),
            options,
          ).rows(table),
        ).toString()
      expect(textOf('csv')).toBe(
        shown.map((row) => `${row.map((text) => (text === null ? '' : cellAsText(text))).join(',')}\n`).join(''),
      )
      const objects = shown.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])))
      expect(textOf('ndjson')).toBe(objects.map((object) => `${JSON.stringify(object)}\n`).join(''))
    }),
  )
})

test('whatever an integer, a decimal, a day or an instant is, Arrow holds the same', () => {
  const most = 10n ** 38n - 1n
  const small = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n })
  const units = fc.oneof(small, fc.bigInt({ min: -most, max: most }))
  const integers = fc.oneof(small, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
  const instants = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(units, integers, instants, (decimal, integer, instant) => {
      const iso = instant.toISOString()
      const row = [null, decimalFromUnits(decimal, 2), integer, null, iso.slice(0, 10), `${iso.slice(0, -1)}007Z`]
      const writer = tableWriter('arrow', columns, options)
      const parts = [writer.begin(), writer.rows(tableOf([row])), writer.end()].map((part) => Buffer.from(part))
      const read = tableFromIPC(Buffer.concat(parts))
      const valuesOf = (name: string) => read.getChild(name)?.data[0]?.values
      const [low = 0n, high = 0n] = new BigInt64Array(Uint32Array.from(valuesOf('amount')).buffer)
      expect(BigInt.asUintN(64, low) | (high << 64n)).toBe(decimal)
      expect(valuesOf('count')[0]).toBe(integer)
      expect(valuesOf('day')[0]).toBe(Math.floor(instant.getTime() / 86_400_000))
      expect(valuesOf('at')[0]).toBe(BigInt(instant.getTime()) * 1000n + 7n)
    }),
  )
})
