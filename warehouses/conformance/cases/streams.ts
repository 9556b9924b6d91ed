import { compileRows } from '../../compiler/rows.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Row, Statement } from '../../contract/values.js'
import type { QueryOptions } from '../../contract/warehouse.js'
import { equal, holds, rejects } from '../expect.js'
import { allRows, waysOf } from '../streaming.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { buildRef, Workbench } from '../workbench.js'
import { endless } from './statements.js'

const things = Array.from({ length: 60 }, (_, index) => thing(String(index), { quantity: BigInt(index) }))

/** Side by side, of a warehouse that names no number: more than a pool that queries share with them has by habit. */
const many = 12

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

/** 216,000 rows, more than any engine reads ahead: the last one of them has no number. */
function manyRows(bench: Workbench, build: BuildRef): Statement {
  const { dialect } = bench.warehouse
  const table = dialect.goldTable(build, 'thing_list')
  const number = ['a', 'b', 'c']
    .map((alias, i) => `${60 ** (2 - i)} * ${alias}.${dialect.quote('quantity')}`)
    .join(' + ')
  const text = `CASE WHEN ${number} = 215999 THEN 'none' ELSE '1' END`
  return {
    sql: `SELECT ${dialect.cast(text, { kind: 'integer' })} AS m FROM ${table} AS a, ${table} AS b, ${table} AS c`,
    params: [],
    columns: [{ name: 'm', type: { kind: 'integer' } }],
  }
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
  { label: '\ufeffmark' },
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
      const statement = pairs(bench, build, true)
      const empty = { ...statement, sql: `${pairs(bench, build, false).sql} WHERE 1 = 0` }
      for (const { name, pieces } of waysOf(bench.warehouse)) {
        const rows = await allRows(pieces(statement, [build]))
        equal(
          rows.map((row) => row.n),
          Array.from({ length: 3_600 }, (_, n) => BigInt(n)),
          `the rows of ${name}`,
        )
        equal(await allRows(pieces(empty, [build])), [], `${name} of no rows`)
      }
    },
  },
  {
    name: 'what a stream gives is what a query gives, to the byte',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish([...nasty.map((values, index) => thing(`nasty ${index}`, values)), ...things])
      const columns = thingList.columns.map(({ name }) => name)
      const order = [{ column: 'thing_id', direction: 'asc', nulls: 'last' }] as const
      const where = { column: 'thing_id', op: 'ne', value: "it's \\ $1" } as const
      const statement = compileRows({ model: thingList, build, columns, order, where }, bench.warehouse.dialect)
      const rows = await bench.warehouse.query(statement, [build])
      for (const { name, pieces } of waysOf(bench.warehouse))
        equal(await allRows(pieces(statement, [build])), rows, name)
    },
  },
  {
    name: 'a stream that fails is an error and no end, in the middle too',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const statement = manyRows(bench, build)
      const wrong = { sql: 'SELEC 1', params: [], columns: [] }
      for (const { name, pieces } of waysOf(bench.warehouse)) {
        await rejects(allRows(pieces(statement, [build])), 'WAREHOUSE_ERROR', name)
        await rejects(allRows(pieces(wrong, [build])), 'WAREHOUSE_ERROR', `${name} of what is no SQL`)
      }
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'streams that nobody reads to their end hold nothing',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const statement = pairs(bench, build, true)
      for (const { name, pieces } of waysOf(bench.warehouse)) {
        for (let time = 0; time < 12; time += 1)
          for await (const [first] of pieces(statement, [build])) {
            equal(first?.n, 0n, `the first row of ${name}`)
            break
          }
        equal((await allRows(pieces(statement, [build]))).length, 3_600, `${name} behind them`)
      }
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'as many streams as the warehouse names run side by side, and keep no query waiting',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const { streams = many } = bench.warehouse
      holds(Number.isInteger(streams) && streams >= 1, `that at least one stream runs, of ${streams},`)
      const ways = waysOf(bench.warehouse)
      const running = Array.from({ length: Math.min(streams, many) }, (_, index) =>
        (ways[index % ways.length] ?? ways[0])?.pieces(pairs(bench, build, true), [build])[Symbol.asyncIterator](),
      )
      try {
        for (const each of running) equal((await each?.next())?.done, false, 'the end of one that was begun')
        equal((await bench.read(build, ['thing_id'])).length, 60, 'a query beside them')
      } finally {
        await Promise.all(running.map((each) => each?.return?.()))
      }
    },
  },
  {
    name: 'a stream that runs too long, or whose caller goes away, is stopped',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const statement = endless(bench, bench.warehouse.dialect.goldTable(build, 'thing_list'))
      for (const { name, pieces } of waysOf(bench.warehouse)) {
        const read = (options: QueryOptions) => allRows(pieces(statement, [build], options))
        await rejects(read({ timeoutMs: 300 }), 'STATEMENT_TIMEOUT', `${name} that runs too long`)
        const signal = AbortSignal.timeout(300)
        await rejects(read({ signal, timeoutMs: 60_000 }), 'CANCELLED', `${name} whose caller goes away`)
        await rejects(read({ signal: AbortSignal.abort() }), 'CANCELLED', `${name} that was never wanted`)
      }
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'a stream changes nothing',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(things)
      const table = bench.warehouse.dialect.goldTable(build, 'thing_list')
      for (const { name, pieces } of waysOf(bench.warehouse))
        for (const sql of [`DROP TABLE ${table}`, `DELETE FROM ${table}`])
          await rejects(
            allRows(pieces({ sql, params: [], columns: [] }, [build])),
            'WAREHOUSE_ERROR',
            `${name} of ${sql}`,
          )
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the rows')
    },
  },
  {
    name: 'a stream of an engine that does not answer is WAREHOUSE_UNAVAILABLE',
    async run(subject) {
      const down = await subject.openUnavailable()
      const build = buildRef('run1_1')
      const sql = `SELECT thing_id FROM ${down.dialect.goldTable(build, 'thing_list')}`
      const statement = { sql, params: [], columns: [{ name: 'thing_id', type: { kind: 'text' } as const }] }
      for (const { name, pieces } of waysOf(down))
        await rejects(allRows(pieces(statement, [build])), 'WAREHOUSE_UNAVAILABLE', name)
    },
  },
]
