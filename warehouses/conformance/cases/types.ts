import type { Row, Value } from '../../contract/values.js'
import { equal } from '../expect.js'
import type { ConformanceCase, Subject } from '../subject.js'
import { thing } from '../things.js'
import { Workbench } from '../workbench.js'

/** From Parquet through landing, Silver and Gold to a reader. */
async function roundTrip(subject: Subject, column: string, values: readonly Value[]): Promise<void> {
  const bench = await Workbench.open(subject)
  const rows: Row[] = values.map((value, index) => thing(String(index).padStart(4, '0'), { [column]: value }))
  const build = await bench.publish(rows)
  equal(await bench.readColumn(build, column), values, column)
}

const hostileTexts = [
  'plain',
  'Zoë Ångström 日本語 🦆 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
  'e\u0301 is not \u00e9',
  `it's "quoted" and 'quoted'`,
  'back\\slash \\n \\\\ \\x41 \\u0041',
  'comma, semicolon; tab\t pipe|',
  'line\nbreak\r\nand\rreturn',
  '\n\\.\n',
  '\\.',
  ' leading and trailing ',
  '%_*?[a]',
  `'); DROP TABLE things; --`,
  '{{ gold("x") }} ${HOME} $1 :name ?',
  '\u00a0\u2028\u2029\u200b\ufeff',
  '\u0001\u001f\u007f',
]

export const typeCases: readonly ConformanceCase[] = [
  {
    name: 'decimals keep 38 digits',
    run: (subject) =>
      roundTrip(subject, 'exact', [
        '99999999999999999999999999999.999999999',
        '-99999999999999999999999999999.999999999',
        '12345678901234567890123456789.012345678',
        '0.000000001',
        '-0.000000001',
        '0.000000000',
        '1.100000000',
      ]),
  },
  {
    name: 'decimals have the digits of their scale',
    run: (subject) => roundTrip(subject, 'amount', ['0.10', '12.50', '100.00', '-0.05', '9007199254740993.01', '0.00']),
  },
  {
    name: 'integers keep 64 bits',
    run: (subject) =>
      roundTrip(subject, 'quantity', [9223372036854775807n, -9223372036854775808n, 9007199254740993n, 0n, -1n]),
  },
  {
    name: 'timestamps keep microseconds on both sides of 1970',
    run: (subject) =>
      roundTrip(subject, 'moment', [
        '2024-02-29T23:59:59.999999Z',
        '2024-03-31T01:30:00.000001Z',
        '1970-01-01T00:00:00.000000Z',
        '1969-12-31T23:59:59.999999Z',
        '1890-05-05T04:03:02.123456Z',
        '0987-01-02T03:04:05.100000Z',
        '9999-12-31T23:59:59.000000Z',
      ]),
  },
  {
    name: 'dates before 1970 stay the same day',
    run: (subject) =>
      roundTrip(subject, 'day', ['1969-12-31', '1970-01-01', '1900-02-28', '0001-01-01', '2024-02-29', '9999-12-31']),
  },
  { name: 'booleans stay booleans', run: (subject) => roundTrip(subject, 'is_new', [true, false, null, true]) },
  { name: 'closed lists are their text', run: (subject) => roundTrip(subject, 'colour', ['red', 'green', null]) },
  {
    name: 'NULL, the empty string and texts that look like NULL stay apart',
    run: (subject) => roundTrip(subject, 'label', [null, '', '\\N', 'NULL', 'null', 'None', '""', "''", ' ', null]),
  },
  {
    name: 'NULL stays NULL in every type',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish([thing('a')])
      const nullable = ['label', 'exact', 'amount', 'quantity', 'is_new', 'day', 'moment', 'colour']
      const expected = Object.fromEntries(nullable.map((name) => [name, null]))
      equal(await bench.read(build, nullable), [expected], 'the row')
    },
  },
  {
    name: 'text keeps unicode, quotes, backslashes and control characters',
    run: (subject) => roundTrip(subject, 'label', hostileTexts),
  },
  {
    name: 'a text of a megabyte arrives whole',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const long = 'ab"\\\n,é🦆'.repeat(100_000)
      const build = await bench.publish([thing('a', { label: long }), thing('b', { label: 'short' })])
      const [found, short] = await bench.readColumn(build, 'label')
      equal(typeof found === 'string' ? found.length : found, long.length, 'the length')
      equal(found === long, true, 'the same text')
      equal(short, 'short', 'the row behind it')
    },
  },
  {
    name: 'bound values come back as they were sent',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const { dialect } = bench.warehouse
      const params = [
        ...hostileTexts.map((value) => ({ type: { kind: 'text' } as const, value })),
        { type: { kind: 'text' } as const, value: '' },
        { type: { kind: 'text' } as const, value: null },
        { type: { kind: 'integer' } as const, value: -9223372036854775808n },
        { type: { kind: 'boolean' } as const, value: false },
        { type: { kind: 'date' } as const, value: '1890-05-05' },
        { type: { kind: 'timestamp' } as const, value: '1890-05-05T04:03:02.123456Z' },
        {
          type: { kind: 'decimal', precision: 38, scale: 9 } as const,
          value: '-12345678901234567890123456789.012345678',
        },
      ]
      const columns = params.map(({ type }, index) => ({ name: `p${index}`, type }))
      const selected = params.map(
        ({ type }, index) => `${dialect.param(index + 1, type)} AS ${dialect.quote(`p${index}`)}`,
      )
      const rows = await bench.warehouse.query({ sql: `SELECT ${selected.join(', ')}`, params, columns }, [])
      equal(
        Object.values(rows[0] ?? {}),
        params.map(({ value }) => value),
        'the values',
      )
    },
  },
]
