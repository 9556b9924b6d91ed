import type { BuildRef } from '../../contract/builds.js'
import type { Row, Statement } from '../../contract/values.js'
import type { QueryOptions } from '../../contract/warehouse.js'
import { equal, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing } from '../things.js'
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
