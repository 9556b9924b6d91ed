import fc from 'fast-check'
import iconv from 'iconv-lite'
import { expect, it } from 'vitest'
import { csvFormat, readBack } from '../testing/read-back.js'

type Dialect = typeof csvFormat

const dialects = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|', '\u001f', '||', '~^', '§'),
    quote: fc.constantFrom('"', "'"),
    backslash: fc.boolean(),
    newline: fc.constantFrom('lf' as const, 'crlf' as const),
    header: fc.boolean(),
    nullText: fc.constantFrom('', 'NULL', '\\N', 'NA'),
    encoding: fc.constantFrom('utf-8', 'windows-1252', 'utf-16le', 'utf-16be', 'gb18030'),
    quoteAll: fc.boolean(),
  })
  .map(({ backslash, quoteAll, ...dialect }) => ({
    dialect: { ...csvFormat, ...dialect, escape: backslash ? '\\' : dialect.quote } satisfies Dialect,
    quoteAll,
  }))

const pieces = fc.constantFrom(
  'a',
  'Z',
  '0',
  ' ',
  ',',
  ';',
  '|',
  '~^',
  '\t',
  '"',
  "'",
  '\\',
  '\n',
  '\r\n',
  '\r',
  'NULL',
  'é',
  '€',
  '#',
  '\u001f',
  '§',
)
const values = fc.oneof(
  { weight: 4, arbitrary: fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constant(null) },
)

/** A correct writer: quotes whatever the dialect would read as something else. */
function write(
  { dialect, quoteAll }: { dialect: Dialect; quoteAll: boolean },
  rows: readonly (readonly (string | null)[])[],
): Buffer {
  const { delimiter, quote, escape: escaping, nullText } = dialect
  const field = (value: string | null) => {
    if (value === null) return nullText
    const special =
      [...delimiter, quote, '\n', '\r'].some((each) => value.includes(each)) || value === nullText || value === ''
    if (!quoteAll && !special) return value
    const text = escaping === quote ? value : value.replaceAll(escaping, escaping + escaping)
    return quote + text.replaceAll(quote, escaping + quote) + quote
  }
  const end = dialect.newline === 'crlf' ? '\r\n' : '\n'
  const text = rows.map((row) => row.map(field).join(delimiter) + end).join('')
  return iconv.encode(text, dialect.encoding)
}

it('whatever a correct writer writes in any dialect is read back exactly, in chunks of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      dialects,
      fc
        .integer({ min: 2, max: 4 })
        .chain((width) =>
          fc.array(fc.array(values, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
        ),
      fc.integer({ min: 1, max: 64 }),
      async (written, rows, chunkBytes) => {
        const columns = (rows[0] ?? []).map((_, index) => `c${index}`)
        const bytes = write(written, written.dialect.header ? [columns, ...rows] : rows)
        const result = await readBack(bytes, written.dialect, columns, chunkBytes)
        expect(result.rejects).toEqual([])
        expect(result.rows).toEqual(rows)
      },
    ),
    { seed: 20261121, numRuns: 150 },
  )
}, 120_000)

it('hostile bytes end as rows or rejects, each record once, the same in chunks of any size', async () => {
  const hostile = fc.array(
    fc.constantFrom(
      '1,a\n',
      '2,"b"\n',
      '3,"c\n',
      '"\n',
      ',\n',
      '\0',
      '\xff',
      '\r',
      'x',
      '"',
      ',',
      '\n',
      '""',
      '4,d,e\n',
    ),
    { minLength: 1, maxLength: 40 },
  )
  await fc.assert(
    fc.asyncProperty(hostile, fc.integer({ min: 1, max: 16 }), async (parts, chunkBytes) => {
      const bytes = Buffer.from(`id,name\n0,first\n${parts.join('')}\n`, 'latin1')
      const whole = await readBack(bytes, csvFormat, ['id', 'name'])
      const cut = await readBack(bytes, csvFormat, ['id', 'name'], chunkBytes)
      expect(cut).toEqual(whole)
      expect(whole.counts.readable).toBe(whole.rows.length)
      const seen = [...whole.numbers, ...whole.rejects.map(([row]) => row)].sort((a, b) => a - b)
      expect(seen).toEqual(Array.from({ length: whole.counts.rows }, (_, index) => index + 1))
      expect(whole.rows[0]).toEqual(['0', 'first'])
    }),
    { seed: 20261122, numRuns: 150 },
  )
}, 120_000)
