import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBack } from '../testing/read-back.js'
import { FileProblem } from './record-sink.js'

const columns = ['id', 'name']
const ndjson = (text: string | Buffer, names: readonly string[] = columns) =>
  readBack(text, { kind: 'ndjson', gzip: false }, names)
const json = (text: string | Buffer, names: readonly string[] = columns) =>
  readBack(text, { kind: 'json', gzip: false }, names)
const problem = (result: Promise<unknown>) =>
  result.then(
    () => undefined,
    (error: unknown) => (error instanceof FileProblem ? [error.code, error.column] : error),
  )

const broken: [string, string, string][] = [
  ['a missing value', '{"id":2,"name":}', 'INVALID_JSON'],
  ['a missing brace', '{"id":2,"name":"b"', 'INVALID_JSON'],
  ['an unclosed string', '{"id":2,"name":"b}', 'INVALID_JSON'],
  ['a word that is none', '{"id":2,"name":nul}', 'INVALID_JSON'],
  ['a number with leading zeros', '{"id":02,"name":"b"}', 'INVALID_JSON'],
  ['an escape that is none', '{"id":2,"name":"\\x"}', 'INVALID_JSON'],
  ['a control character', '{"id":2,"name":"\u0001"}', 'INVALID_JSON'],
  ['a value that is no object', '2', 'INVALID_JSON'],
  ['an array', '[{"id":2,"name":"b"}]', 'INVALID_JSON'],
  ['something behind it', '{"id":2,"name":"b"} x', 'INVALID_JSON'],
  ['an undeclared value that is broken', '{"id":2,"name":"b","z":[1,}}', 'INVALID_JSON'],
  ['a NUL', '{"id":2,"name":"b\0"}', 'NUL_CHARACTER'],
  ['an escaped NUL', '{"id":2,"name":"b\\u0000"}', 'NUL_CHARACTER'],
  ['half a surrogate pair', '{"id":2,"name":"\\ud83d"}', 'INVALID_ENCODING'],
]

describe('a hostile record costs that record and no other', () => {
  it.each(broken)('NDJSON: %s', async (_what, line, reason) => {
    const result = await ndjson(`{"id":1,"name":"a"}\n${line}\n{"id":3,"name":"c"}\n`)
    expect(result.rows).toEqual([
      ['1', 'a'],
      ['3', 'c'],
    ])
    expect(result.numbers).toEqual([1, 3])
    expect(result.rejects.map(([row, code]) => [row, code])).toEqual([[2, reason]])
  })

  it.each(broken.filter(([what]) => what !== 'something behind it'))(
    'JSON array, a line each: %s',
    async (_what, element, reason) => {
      const result = await json(`[\n{"id":1,"name":"a"},\n${element}\n,{"id":3,"name":"c"}\n]\n`)
      expect(result.numbers).toEqual([1, 3])
      expect(result.rejects.map(([row, code]) => [row, code])).toEqual([[2, reason]])
    },
  )

  it('JSON array on one line: the element whose string never ends', async () => {
    const result = await json('[{"id":1,"name":"a"},{"id":2,"name":"b},{"id":3,"name":"c"},{"id":4,"name":"d"}]')
    expect(result.rows).toEqual([
      ['1', 'a'],
      ['3', 'c'],
      ['4', 'd'],
    ])
    expect(result.rejects).toEqual([[2, 'INVALID_JSON', '', '{"id":2,"name":"b}']])
  })

  it('bytes that are no UTF-8', async () => {
    const bytes = (text: string) => Buffer.from(text, 'latin1')
    const lines = await ndjson(bytes('{"id":1,"name":"a"}\n{"id":2,"name":"\xe9"}\n{"id":3,"name":"c"}\n'))
    const array = await json(bytes('[{"id":1,"name":"a"},{"id":2,"name":"\xe9"},{"id":3,"name":"c"}]'))
    for (const result of [lines, array]) {
      expect(result.numbers).toEqual([1, 3])
      expect(result.rejects).toEqual([[2, 'INVALID_ENCODING', '', '{"id":2,"name":"\uFFFD"}']])
    }
  })
})

describe('what JSON allows is read', () => {
  it('numbers keep the text they have', async () => {
    const result = await ndjson('{"id":12345678901234567890.12,"name":1.10}\n{"id":1e-7,"name":-0.0}\n')
    expect(result.rows).toEqual([
      ['12345678901234567890.12', '1.10'],
      ['1e-7', '-0.0'],
    ])
  })

  it('null and an absent key are NULL, an empty string is not', async () => {
    const result = await ndjson('{"id":null,"name":""}\n{"name":"x"}\n')
    expect(result.rows).toEqual([
      [null, ''],
      [null, 'x'],
    ])
  })

  it('escapes, line breaks, quotes, nested values, keys in another order or escaped', async () => {
    const result = await ndjson(
      '{"name":"a\\n\\"b\\"\\u00e9\\ud83d\\ude00","id":[1, {"x":"\\"y"}]}\r\n \r\n{"\\u0069d":true,"name":"ø"}',
    )
    expect(result.rows).toEqual([
      ['[1, {"x":"\\"y"}]', 'a\n"b"é😀'],
      ['true', 'ø'],
    ])
    expect(result.numbers).toEqual([1, 2])
  })
})

describe('a file that is wrong as a whole is a clear error', () => {
  it('no array', async () => expect(await problem(json('{"id":1,"name":"a"}'))).toEqual(['FILE_UNREADABLE', undefined]))
  it('an array that was cut off', async () => {
    expect(await problem(json('[{"id":1,"name":"a"},{"id":2,'))).toEqual(['FILE_UNREADABLE', undefined])
    expect(await problem(json('[{"id":1,"name":"a"}'))).toEqual(['FILE_UNREADABLE', undefined])
  })
  it('something behind the array', async () =>
    expect(await problem(json('[{"id":1,"name":"a"}] {}'))).toEqual(['FILE_UNREADABLE', undefined]))
  it('no record', async () => {
    for (const empty of ['[]', '', ' \n']) expect(await problem(json(empty))).toEqual(['FILE_EMPTY', undefined])
    expect(await problem(ndjson('\n\n'))).toEqual(['FILE_EMPTY', undefined])
  })
  it('a column that no record has', async () => {
    expect(await problem(ndjson('{"id":1}\n{"id":2}\n'))).toEqual(['COLUMN_UNKNOWN', 'name'])
    expect(await problem(json('[{"id":1},{"id":2,"Name":"x"}]'))).toEqual(['COLUMN_UNKNOWN', 'name'])
  })
})

it('any JSON values come through NDJSON and arrays alike, in chunks of any size', async () => {
  const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null))
  const record = fc.record({ id: scalar, name: scalar, extra: fc.jsonValue() }, { requiredKeys: ['id', 'name'] })
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom(undefined, 1),
      async (records, size, indent) => {
        const fit = records.map(({ id, name, ...rest }) => ({ ...rest, id: noNul(id), name: noNul(name) }))
        const text = (value: unknown) => (value === null ? null : String(value))
        const expected = fit.map(({ id, name }) => [text(id), text(name)])
        const lines = await readBack(
          fit.map((each) => `${JSON.stringify(each)}\n`).join(''),
          { kind: 'ndjson', gzip: false },
          columns,
          size,
        )
        const array = await readBack(JSON.stringify(fit, null, indent), { kind: 'json', gzip: false }, columns, size)
        expect(lines.rows).toEqual(expected)
        expect(array.rows).toEqual(expected)
      },
    ),
    { seed: 20261123, numRuns: 100 },
  )
}, 120_000)

function noNul(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '')).toString() : value
}
