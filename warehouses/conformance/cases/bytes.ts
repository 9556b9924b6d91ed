import type { BuildRef } from '../../contract/builds.js'
import type { Statement } from '../../contract/values.js'
import { equal, holds, rejects } from '../expect.js'
import { allRows, waysOf } from '../streaming.js'
import type { ConformanceCase } from '../subject.js'
import { thing } from '../things.js'
import { Workbench } from '../workbench.js'

const many = Array.from({ length: 60 }, (_, index) => thing(String(index), { quantity: BigInt(index) }))

/** It has to read a column: an engine that bills bytes counts rows for nothing. */
function summing({ dialect }: Workbench['warehouse'], build: BuildRef): Statement {
  const type = { kind: 'integer' } as const
  const sum = dialect.cast(`SUM(${dialect.quote('quantity')})`, type)
  return {
    sql: `SELECT ${sum} AS n FROM ${dialect.goldTable(build, 'thing_list')}`,
    params: [],
    columns: [{ name: 'n', type }],
  }
}

export const byteCases: readonly ConformanceCase[] = [
  {
    name: 'a statement is estimated where the warehouse says that it estimates',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const { warehouse } = bench
      equal(warehouse.estimate !== undefined, warehouse.capabilities.estimates, 'whether it estimates')
      if (!warehouse.estimate) return
      const build = await bench.publish(many)
      const columns = [{ name: 'n', type: { kind: 'integer' } as const }]
      const table = warehouse.dialect.goldTable(build, 'thing_list')
      const counting = { sql: `SELECT COUNT(*) AS n FROM ${table}`, params: [], columns }
      const { bytes } = await warehouse.estimate(counting, [build])
      holds(bytes >= 0n, 'a number of bytes')
      equal(await warehouse.query(counting, [build], { maxBytesBilled: bytes + 2n ** 40n }), [{ n: 60n }], 'the rows')
      for (const sql of ['SELEC 1', `DROP TABLE ${table}`])
        await rejects(warehouse.estimate({ sql, params: [], columns }, [build]), 'WAREHOUSE_ERROR', sql)
      equal((await bench.read(build, ['thing_id'])).length, 60, 'the rows afterwards')
    },
  },
  {
    name: 'a statement that would read more bytes than it may is refused, where the warehouse says that it keeps a limit',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const { warehouse } = bench
      if (!warehouse.capabilities.maxBytesBilled) return
      const build = await bench.publish(many)
      const statement = summing(warehouse, build)
      const { bytes } = (await warehouse.estimate?.(statement, [build])) ?? { bytes: 2n }
      holds(bytes > 0n, 'that the statement would read something')
      const limit = { maxBytesBilled: bytes - 1n }
      await rejects(warehouse.query(statement, [build], limit), 'TOO_MANY_BYTES', 'query')
      for (const { name, pieces } of waysOf(warehouse))
        await rejects(allRows(pieces(statement, [build], limit)), 'TOO_MANY_BYTES', name)
      equal(await warehouse.query(statement, [build]), [{ n: 1770n }], 'the same without a limit')
    },
  },
  {
    name: 'what a statement has read is told at most once',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const { warehouse } = bench
      const build = await bench.publish(many)
      const statement = summing(warehouse, build)
      const all = [
        { name: 'query', rows: warehouse.query.bind(warehouse) },
        ...waysOf(warehouse).map(({ name, pieces }) => ({
          name,
          rows: (...asked: Parameters<typeof pieces>) => allRows(pieces(...asked)),
        })),
      ]
      for (const { name, rows } of all) {
        const told: bigint[] = []
        equal(await rows(statement, [build], { onRead: (bytes) => told.push(bytes) }), [{ n: 1770n }], name)
        holds(
          told.length <= 1 && told.every((bytes) => bytes >= 0n),
          `that ${name} tells once, not ${told.join(', ')},`,
        )
      }
    },
  },
]
