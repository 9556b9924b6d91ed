import { compileRows } from '../../compiler/rows.js'
import type { BuildRef } from '../../contract/builds.js'
import { decodeValue, encodeValue, type Row, type Statement } from '../../contract/values.js'
import type { QueryOptions } from '../../contract/warehouse.js'
import { equal, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { Workbench } from '../workbench.js'
import { endless } from './statements.js'

const things = Array.from({ length: 60 }, (_, index) => thing(String(index), { quantity: BigInt(index) }))

/** 3,600 rows: more than any engine hands out at once. `last` stands in the place of the number of the last one. */
function pairs(bench: Workbench, build: BuildRef, ordered: boolean, last?: string): Statement {
  const { dialect } = bench.warehouse
  const table = dialect.goldTable(build, 'thing_list')
  const of = (alias: string, column: string): string => `${alias}.${dialect.quote(column)}`
  const number = `60 * ${of('a', 'quantity')} + ${of('b', 'quantity')}`
  const text = `CASE WHEN ${number} = 3599 THEN '${last ?? '3599'}' ELSE '1' END`
  const select = `SELECT ${number} AS n, ${dialect.cast(text, { kind: 'integer' })} AS m FROM ${table} AS a, ${table} AS b`
  return {
    sql: ordered ? `${select} ORDER BY 1` : select,
    params: [],
    columns: [
      { name: 'n', type: { kind: 'integer' } },
      { name: 'm', type: { kind: 'integer' } },
    ],
  }
}

async function streamed(
  bench: Workbench,
  build: BuildRef,
  statement: Statement,
  options?: QueryOptions,
): Promise<Row[]> {
  const rows: Row[] = []
  for await (const chunk of bench.warehouse.stream(statement, [build], options)) rows.push(...chunk)
  return rows
}

/** The rows of a warehouse that gives them as text too, put together from it; those of its stream otherwise. */
async function asText(bench: Workbench, build: BuildRef, statement: Statement, options?: QueryOptions): Promise<Row[]> {
  const pieces = bench.warehouse.cells?.(statement, [build], options)
  if (!pieces) return streamed(bench, build, statement, options)
  const rows: Row[] = []
  for await (const { rows: count, bytes, starts, lengths } of pieces) {
    for (let row = 0; row < count; row += 1) {
      const cells = statement.columns.map(({ name, type }, column) => {
        const cell = row * statement.columns.length + column
        const [start = 0, length = -1] = [starts[cell], lengths[cell]]
        const text = length < 0 ? null : Buffer.from(bytes.subarray(start, start + length)).toString('utf8')
        const value = decodeValue(text, type)
        equal(encodeValue(value), text, 'the canonical text')
        return [name, value] as const
      })
      rows.push(Object.fromEntries(cells))
    }
  }
  return rows
}

/** Each in every column that can hold it. */
const nasty: readonly Row[] = [
  { label: '', exact: '0.000000000', amount: '0.00', quantity: 0n, is_new: false, day: '0001-01-01' },
  {
    label: '=1+1,"2"\r\n',
    exact: '-99999999999999999999999999999.999999999',
    amount: '-0.05',
    quantity: -1n,
    is_new: true,
  },
  { label: 'ä€😀\t\\.', exact: '0.000000001', amount: '9007199254740993.01', quantity: 9223372036854775807n },
  { label: '＝\u0001\u2028', day: '9999-12-31', moment: '1969-12-31T23:59:59.999999Z', colour: 'red' },
  { moment: '2024-02-29T12:00:00.000001Z', day: '2024-02-29', quantity: -9223372036854775808n },
  { label: 'x'.repeat(300_000), moment: '2024-02-29T12:00:00.000000Z', colour: 'green' },
  {},
]

export const streamCases: readonly ConformanceCase[] = [
  {
    name: 'a stream gives every row once, in order, as a query does',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const rows = await streamed(bench, build, pairs(bench, build, true))
      equal(
        rows.map((row) => row.n),
        Array.from({ length: 3_600 }, (_, n) => BigInt(n)),
        'the rows',
      )
      const none = await streamed(bench, build, {
        ...pairs(bench, build, false),
        sql: `${pairs(bench, build, false).sql} WHERE 1 = 0`,
      })
      equal(none, [], 'a stream of no rows')
    },
  },
  {
    name: 'a stream that fails in the middle is an error and no end',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const statement = pairs(bench, build, false, 'none')
      await rejects(streamed(bench, build, statement), 'WAREHOUSE_ERROR', 'the stream')
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'streams that nobody reads to their end hold nothing',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const statement = pairs(bench, build, true)
      for (let time = 0; time < 12; time += 1)
        for await (const [first] of bench.warehouse.stream(statement, [build])) {
          equal(first?.n, 0n, 'the first row')
          break
        }
      equal((await streamed(bench, build, statement)).length, 3_600, 'a stream behind them')
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'a stream that runs too long, or whose caller goes away, is stopped',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const statement = endless(bench, bench.warehouse.dialect.goldTable(build, 'thing_list'))
      await rejects(
        streamed(bench, build, statement, { timeoutMs: 300 }),
        'STATEMENT_TIMEOUT',
        'one that runs too long',
      )
      const signal = AbortSignal.timeout(300)
      await rejects(
        streamed(bench, build, statement, { signal, timeoutMs: 60_000 }),
        'CANCELLED',
        'one whose caller goes away',
      )
      await rejects(
        streamed(bench, build, statement, { signal: AbortSignal.abort() }),
        'CANCELLED',
        'one that was never wanted',
      )
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'what a stream gives as text is what a query gives, to the byte',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish([...nasty.map((values, index) => thing(`nasty ${index}`, values)), ...things])
      const columns = thingList.columns.map(({ name }) => name)
      const order = [{ column: 'thing_id', direction: 'asc', nulls: 'last' }] as const
      const where = { column: 'thing_id', op: 'ne', value: "it's \\ $1" } as const
      const statement = compileRows({ model: thingList, build, columns, order, where }, bench.warehouse.dialect)
      equal(await asText(bench, build, statement), await bench.warehouse.query(statement, [build]), 'the rows')
      equal(
        await asText(bench, build, { ...statement, sql: `SELECT * FROM (${statement.sql}) AS none WHERE 1 = 0` }),
        [],
        'none',
      )
    },
  },
  {
    name: 'a stream of text fails, is given up and is stopped as one of values is',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      await rejects(asText(bench, build, pairs(bench, build, false, 'none')), 'WAREHOUSE_ERROR', 'the stream')
      await rejects(
        asText(bench, build, { sql: 'SELECT nothing', params: [], columns: [] }),
        'WAREHOUSE_ERROR',
        'no SQL',
      )
      const statement = pairs(bench, build, true)
      for (let time = 0; time < 12; time += 1)
        for await (const _ of bench.warehouse.cells?.(statement, [build]) ?? []) break
      equal(
        (await asText(bench, build, statement)).map((row) => row.n),
        Array.from({ length: 3_600 }, (_, n) => BigInt(n)),
        'a stream behind them, in order',
      )
      const endlessly = endless(bench, bench.warehouse.dialect.goldTable(build, 'thing_list'))
      await rejects(asText(bench, build, endlessly, { timeoutMs: 300 }), 'STATEMENT_TIMEOUT', 'one that runs too long')
      const signal = AbortSignal.timeout(300)
      await rejects(
        asText(bench, build, endlessly, { signal, timeoutMs: 60_000 }),
        'CANCELLED',
        'one whose caller goes away',
      )
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'a stream changes nothing and tells an engine that does not answer',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const sql = `DELETE FROM ${bench.warehouse.dialect.goldTable(build, 'thing_list')}`
      await rejects(streamed(bench, build, { sql, params: [], columns: [] }), 'WAREHOUSE_ERROR', sql)
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the rows')
      const down = await subject.openUnavailable()
      const first = async () => {
        for await (const _ of down.stream(pairs(bench, build, false), [build])) break
      }
      await rejects(first(), 'WAREHOUSE_UNAVAILABLE', 'an engine that is down')
    },
  },
]
