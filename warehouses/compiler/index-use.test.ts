import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { text } from '../../models/columns.js'
import { postgresDialect as dialect } from '../adapters/postgres/dialect.js'
import type { Value } from '../contract/values.js'
import { createEnglishDatabase, openPostgres, type TestEngine } from '../dialect/testing/engines.js'
import type { SortKey } from './query.js'
import { compileRelated } from './related.js'
import { compileCount, compileRows } from './rows.js'
import { model } from './testing/arbitrary.js'

const build = { buildId: 'b1', tag: 'b1_7' }
const table = dialect.goldTable(build, model.name)
const grain: SortKey[] = [
  { column: 'source', direction: 'asc', nulls: 'last' },
  { column: 'id', direction: 'asc', nulls: 'last' },
]
const rowCount = 20_000

/** Expressions over i, from 1; four in ten amounts are NULL and a third of the days is one day. */
const content: Readonly<Record<string, string>> = {
  source: `CASE WHEN i % 3 = 0 THEN 'a' ELSE 'b' END`,
  id: 'i',
  Day: `DATE '2024-01-01' + CASE WHEN i % 3 = 0 THEN 0 ELSE i % 500 END`,
  amount: 'CASE WHEN i % 10 < 4 THEN NULL ELSE i % 997 END',
  order: `'name' || i`,
}

describe('Postgres finds a page by an index', () => {
  let database: Awaited<ReturnType<typeof createEnglishDatabase>>
  let engine: TestEngine

  beforeAll(async () => {
    database = await createEnglishDatabase()
    engine = await openPostgres(database.url)
    const columns = model.columns.map(
      ({ name, type }) => `${dialect.cast(content[name] ?? 'NULL', type)} AS ${dialect.quote(name)}`,
    )
    await engine.execute(
      `CREATE TABLE ${table} AS SELECT ${columns.join(', ')} FROM generate_series(1, ${rowCount}) AS s(i)`,
    )
    for (const leading of ['', '"Day", ', 'amount, ', '"order", '])
      await engine.execute(`CREATE INDEX ON ${table} (${leading}source, id)`)
    await engine.execute(`ANALYZE ${table}`)
  })
  afterAll(async () => {
    await engine?.close()
    await database?.drop()
  })

  /** Rows that the plan read from the table, whether it kept them or not. */
  async function rowsRead(sql: string, params: Parameters<TestEngine['query']>[0]['params']): Promise<number> {
    const plan = await engine.query({
      sql: `EXPLAIN (ANALYZE, TIMING OFF, FORMAT TEXT) ${sql}`,
      params,
      columns: [{ name: 'line', type: text }],
    })
    const lines = plan.map((row) => String(row.line))
    const scans = lines.filter((line) => /Scan.*actual/.test(line) && !line.includes('Subquery'))
    expect(scans.length).toBeGreaterThan(0)
    const dropped = lines.flatMap((line) => /Rows Removed by .*: (\d+)/.exec(line)?.[1] ?? [])
    return [...scans.map((line) => /actual rows=([\d.]+)/.exec(line)?.[1]), ...dropped].reduce(
      (sum, each) => sum + Number(each),
      0,
    )
  }

  it.each<[string, SortKey[], Value[]]>([
    ['the grain', [], ['b', 10_000n]],
    ['days, newest first', [{ column: 'Day', direction: 'desc', nulls: 'last' }], ['2024-05-01', 'b', 10_000n]],
    [
      'days, oldest first, many rows to a day',
      [{ column: 'Day', direction: 'asc', nulls: 'last' }],
      ['2024-01-01', 'a', 9_999n],
    ],
    [
      'amounts, largest first, then NULLs',
      [{ column: 'amount', direction: 'desc', nulls: 'last' }],
      ['500.00', 'b', 10_000n],
    ],
    [
      'amounts, in the NULLs at the end',
      [{ column: 'amount', direction: 'desc', nulls: 'last' }],
      [null, 'b', 10_000n],
    ],
    ['amounts, NULLs first', [{ column: 'amount', direction: 'asc', nulls: 'first' }], ['500.00', 'b', 10_000n]],
    ['names', [{ column: 'order', direction: 'asc', nulls: 'last' }], ['name5', 'b', 10_000n]],
  ])('in the order of %s, first and later, forwards and backwards', async (_what, lead, values) => {
    const order = [...lead, ...grain]
    for (const fromEnd of [false, true])
      for (const seek of [undefined, { side: fromEnd ? ('before' as const) : ('after' as const), values }]) {
        const query = {
          model,
          build,
          columns: ['count'],
          order,
          limit: 30,
          fromEnd,
          ...(seek === undefined ? {} : { seek }),
        }
        const { sql, params } = compileRows(query, dialect)
        // One day of the content has up to 6,700 rows, which an order that turns at the grain must sort; nothing reads the whole table.
        const turning = lead[0]?.column === 'Day' && lead[0].direction === 'desc'
        expect(await rowsRead(sql, params), sql).toBeLessThan(turning ? 7_000 : 200)
      }
  })

  it('for the first rows of several parents, however many rows each of them has', async () => {
    const values = [
      ['a', '2024-01-01'],
      ...Array.from({ length: 28 }, (_, i) => ['b', `2024-02-${String(i + 1).padStart(2, '0')}`]),
    ]
    const query = {
      model,
      build,
      columns: ['count'],
      parents: { columns: ['source', 'Day'], values },
      order: grain,
      limit: 6,
    }
    const { sql, params } = compileRelated(query, dialect)
    // One of the parents has 6,666 rows.
    expect(await rowsRead(sql, params), sql).toBeLessThan(29 * 7)
  })

  it('for a filter on a text, whatever the collation of the database', async () => {
    const { sql, params } = compileCount(model, build, { column: 'order', op: 'eq', value: 'name77' }, dialect)
    expect(await rowsRead(sql, params)).toBeLessThan(3)
    const between = compileCount(
      model,
      build,
      { column: 'order', op: 'between', from: 'name77', to: 'name771' },
      dialect,
    )
    expect(await rowsRead(between.sql, between.params)).toBeLessThan(200)
  })
})
