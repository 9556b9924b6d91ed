import { createHash } from 'node:crypto'
import { boolean, closedList, date, decimal, integer, text, timestamp } from '../../../models/columns.js'
import type { LogicalType } from '../../../models/types.js'
import { compileDigest } from '../../compiler/digest.js'
import { compileBucketRows, compileBuckets } from '../../compiler/key-digest.js'
import { encodeValue, type Row, type Statement, type Value } from '../../contract/values.js'
import { equal } from '../expect.js'
import type { ConformanceCase, Subject } from '../subject.js'
import { thing, thingList } from '../things.js'
import { Workbench } from '../workbench.js'

const columnTypes: Readonly<Record<string, LogicalType>> = {
  label: text,
  exact: decimal(38, 9),
  amount: decimal(18, 2),
  quantity: integer,
  is_new: boolean,
  day: date,
  moment: timestamp,
  colour: closedList('Colour', ['red', 'green']),
}

const values: readonly Row[] = [
  {
    label: 'Zoë 🦆\n"\\',
    exact: '-12345678901234567890123456789.012345678',
    amount: '12.50',
    quantity: -9223372036854775808n,
    is_new: true,
    day: '0001-01-01',
    moment: '0987-01-02T03:04:05.100000Z',
    colour: 'red',
  },
  {
    label: '',
    exact: '0.000000000',
    amount: '-0.05',
    quantity: 0n,
    is_new: false,
    day: '9999-12-31',
    moment: '1969-12-31T23:59:59.999999Z',
    colour: 'green',
  },
  {},
]

const texts = ['', 'a', 'Zoë', '日本語', '🦆', '\u{1F468}‍\u{1F469}', ' \n', 'x'.repeat(5000)]

export const digestCases: readonly ConformanceCase[] = [
  {
    name: 'a reader may ask what a model comes to, and what its keys do',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish([thing('a', { label: "it's; x" }), thing('b', { label: null }), thing('c')])
      const { dialect } = bench.warehouse
      const ask = (statement: Statement) => bench.warehouse.query(statement, [build])
      const [whole] = await ask(compileDigest(thingList, build, dialect))
      const [bucket, ...others] = await ask(compileBuckets(thingList, build, 1, dialect))
      equal([bucket?.rows, bucket?.checksum], [3n, whole?.checksum], 'the one bucket')
      equal([others, whole?.rows], [[], 3n], 'the rows of all')
      const all = { bucket: 0n, buckets: 1, limit: 10 }
      const rows = await ask(compileBucketRows(thingList, build, all, dialect))
      const label = `c${thingList.columns.findIndex(({ name }) => name === 'label')}`
      equal(rows.map((row) => row[label] === "it's; x").filter(Boolean), [true], 'the rows of the bucket')
    },
  },
  {
    name: 'the canonical text in SQL is the one that values have',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(values.map((row, index) => thing(String(index), row)))
      const { dialect } = bench.warehouse
      const names = Object.keys(columnTypes)
      const selected = names.map(
        (name) => `${dialect.canonicalText(dialect.quote(name), columnTypes[name] ?? text)} AS ${dialect.quote(name)}`,
      )
      const found = await bench.warehouse.query(
        {
          sql: `SELECT ${selected.join(', ')} FROM ${dialect.goldTable(build, 'thing_list')} ORDER BY ${dialect.quote('thing_id')}`,
          params: [],
          columns: names.map((name) => ({ name, type: text })),
        },
        [build],
      )
      const expected = values.map((row) =>
        Object.fromEntries(names.map((name) => [name, encodeValue(row[name] ?? null)])),
      )
      equal(found, expected, 'the texts')
    },
  },
  {
    name: 'the canonical text of a calculated decimal has the digits of its type',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const { dialect } = bench.warehouse
      const one = dialect.cast('1', integer)
      const found = await evaluate(bench, [
        dialect.canonicalText(dialect.cast('0.5', decimal(10, 4)), decimal(18, 2)),
        dialect.canonicalText(one, decimal(38, 0)),
        dialect.canonicalText(dialect.cast('0.25', decimal(9, 9)), decimal(9, 9)),
        dialect.canonicalText(dialect.cast('-0.25', decimal(9, 9)), decimal(9, 9)),
      ])
      equal(found, ['0.50', '1', '0.250000000', '-0.250000000'], 'the texts')
    },
  },
  {
    name: 'the length of a text counts code points',
    run: (subject) =>
      ofTexts(
        subject,
        integer,
        (each, { textLength }) => textLength(each),
        (each) => BigInt([...each].length),
      ),
  },
  {
    name: 'the hash of a text is the beginning of its MD5',
    run: (subject) =>
      ofTexts(
        subject,
        integer,
        (each, { hash60 }) => hash60(each),
        (each) => BigInt(`0x${createHash('md5').update(each, 'utf8').digest('hex').slice(0, 15)}`),
      ),
  },
]

/** A function of text in SQL against its meaning, over texts that are rows of Gold, and over NULL. */
async function ofTexts(
  subject: Subject,
  type: LogicalType,
  inSql: (column: string, dialect: Workbench['warehouse']['dialect']) => string,
  meaning: (each: string) => Value,
): Promise<void> {
  const bench = await Workbench.open(subject)
  const labels = [...texts, null]
  const build = await bench.publish(labels.map((label, index) => thing(String(index).padStart(2, '0'), { label })))
  const { dialect } = bench.warehouse
  const found = await bench.warehouse.query(
    {
      sql: `SELECT ${inSql(dialect.quote('label'), dialect)} AS found FROM ${dialect.goldTable(build, 'thing_list')} ORDER BY ${dialect.quote('thing_id')}`,
      params: [],
      columns: [{ name: 'found', type }],
    },
    [build],
  )
  equal(
    found.map((row) => row.found ?? null),
    labels.map((label) => (label === null ? null : meaning(label))),
    'the values',
  )
}

/** Texts that expressions without a table have. */
async function evaluate(bench: Workbench, expressions: readonly string[]): Promise<Value[]> {
  const columns = expressions.map((_, index) => ({ name: `e${index}`, type: text }))
  const selected = expressions.map((each, index) => `${each} AS ${bench.warehouse.dialect.quote(`e${index}`)}`)
  const [row] = await bench.warehouse.query({ sql: `SELECT ${selected.join(', ')}`, params: [], columns }, [])
  return columns.map(({ name }) => row?.[name] ?? null)
}
