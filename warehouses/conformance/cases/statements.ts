import type { Statement } from '../../contract/values.js'
import { equal, holds, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList, things } from '../things.js'
import { Workbench } from '../workbench.js'

const many = Array.from({ length: 60 }, (_, index) => thing(String(index), { quantity: BigInt(index) }))

/** Would run for hours: 60 rows to the power of 8. */
export function endless(bench: Workbench, table: string): Statement {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const from = names.map((name) => `${table} AS ${name}`).join(', ')
  const sum = names.map((name) => `${name}.${bench.warehouse.dialect.quote('quantity')}`).join(' + ')
  return {
    sql: `SELECT COUNT(*) AS n FROM ${from} WHERE ${sum} = 470`,
    params: [],
    columns: [{ name: 'n', type: { kind: 'integer' } }],
  }
}

export const statementCases: readonly ConformanceCase[] = [
  {
    name: 'a statement that runs too long is stopped',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(many)
      const statement = endless(bench, bench.warehouse.dialect.goldTable(build, 'thing_list'))
      const started = Date.now()
      await rejects(bench.warehouse.query(statement, [build], { timeoutMs: 300 }), 'STATEMENT_TIMEOUT', 'the statement')
      holds(Date.now() - started < 10_000, 'stopped soon')
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'a statement whose caller goes away is stopped',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(many)
      const statement = endless(bench, bench.warehouse.dialect.goldTable(build, 'thing_list'))
      const started = Date.now()
      const signal = AbortSignal.timeout(300)
      await rejects(
        bench.warehouse.query(statement, [build], { signal, timeoutMs: 60_000 }),
        'CANCELLED',
        'the statement',
      )
      holds(Date.now() - started < 10_000, 'stopped soon')
      await rejects(
        bench.warehouse.query(statement, [build], { signal: AbortSignal.abort() }),
        'CANCELLED',
        'one that was never wanted',
      )
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the next statement')
    },
  },
  {
    name: 'statements at the same time get their own answers',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(many)
      const answers = await Promise.all(
        many.map((_, index) =>
          bench.readColumn(build, 'quantity', { where: { column: 'thing_id', op: 'eq', value: String(index) } }),
        ),
      )
      equal(
        answers.flat(),
        many.map((row) => row.quantity),
        'the answers',
      )
    },
  },
  {
    name: 'a reader’s statement cannot change a build',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(many)
      const table = bench.warehouse.dialect.goldTable(build, 'thing_list')
      for (const sql of [`DROP TABLE ${table}`, `DELETE FROM ${table}`])
        await rejects(bench.warehouse.query({ sql, params: [], columns: [] }, [build]), 'WAREHOUSE_ERROR', sql)
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the rows')
    },
  },
  {
    name: 'a statement that the engine refuses is a WAREHOUSE_ERROR',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await rejects(
        bench.warehouse.query({ sql: 'SELEC 1', params: [], columns: [] }, []),
        'WAREHOUSE_ERROR',
        'a mistake in SQL',
      )
      await bench.warehouse.ping()
    },
  },
  {
    name: 'an engine that does not answer is WAREHOUSE_UNAVAILABLE',
    async run(subject) {
      const warehouse = await subject.openUnavailable()
      const sql = `SELECT thing_id FROM ${warehouse.dialect.goldTable({ buildId: 'run1', tag: 'run1_1' }, thingList.name)}`
      await rejects(warehouse.ping(), 'WAREHOUSE_UNAVAILABLE', 'ping')
      await rejects(
        warehouse.query({ sql, params: [], columns: [] }, [{ buildId: 'run1', tag: 'run1_1' }]),
        'WAREHOUSE_UNAVAILABLE',
        'query',
      )
      await rejects(warehouse.openWriter(1n, [things]), 'WAREHOUSE_UNAVAILABLE', 'openWriter')
    },
  },
]
