import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import type { Dialect } from '../contract/dialect.js'
import type { Row, Value } from '../contract/values.js'
import { createEnglishDatabase, openDuckdb, openPostgres, type TestEngine } from '../dialect/testing/engines.js'
import type { Filter, RowsQuery } from './query.js'
import { compileCount, compileRows } from './rows.js'
import { filter, model, order, rows } from './testing/arbitrary.js'
import { createTable, fillTable } from './testing/fill.js'
import { holds, referencePage } from './testing/reference.js'

const build = { buildId: 'b1', tag: 'b1_1' }
const seed = 20261121

describe.each(['postgres', 'duckdb'] as const)('pages in %s', (name) => {
  const own = name === 'postgres' ? postgresDialect : duckdbDialect
  // Both ways of seeking must be right in both engines; each dialect says which is fast.
  const dialects: readonly Dialect[] = [
    { ...own, seeks: 'ranges' },
    { ...own, seeks: 'scan' },
  ]
  const table = own.goldTable(build, model.name)
  let database: Awaited<ReturnType<typeof createEnglishDatabase>> | undefined
  let engine: TestEngine

  beforeAll(async () => {
    if (name === 'postgres') database = await createEnglishDatabase()
    engine = database === undefined ? await openDuckdb(build.tag) : await openPostgres(database.url)
    await createTable(engine, own, table, model)
  })
  afterAll(async () => {
    await engine?.close()
    await database?.drop()
  })

  const fill = (content: readonly Row[]): Promise<void> => fillTable(engine, own, table, model, content)
  const ask = (query: RowsQuery, dialect: Dialect): Promise<Row[]> => engine.query(compileRows(query, dialect))
  const positionOf = (query: RowsQuery, row: Row | undefined): Value[] =>
    query.order.map((key) => row?.[key.column] ?? null)

  /** All rows by walking from one end to the other, each page from the last row of the one before. */
  async function walk(query: RowsQuery, backwards: boolean, dialect: Dialect): Promise<Row[]> {
    const found: Row[] = []
    let seek: RowsQuery['seek']
    for (;;) {
      const page = await ask({ ...query, fromEnd: backwards, ...(seek === undefined ? {} : { seek }) }, dialect)
      if (backwards) found.unshift(...page)
      else found.push(...page)
      if (page.length < (query.limit ?? Infinity)) return found
      seek = { side: backwards ? 'before' : 'after', values: positionOf(query, backwards ? page[0] : page.at(-1)) }
    }
  }

  const questions = fc.record({
    rows,
    order,
    where: fc.option(filter, { nil: undefined }),
    limit: fc.integer({ min: 1, max: 5 }),
    columns: fc.subarray(
      model.columns.map((column) => column.name),
      { minLength: 1 },
    ),
    at: fc.nat(),
  })

  it('hold every row once and in order, walked forwards and backwards, and from any position to either side', async () => {
    await fc.assert(
      fc.asyncProperty(questions, async ({ rows: content, at, where, ...rest }) => {
        await fill(content)
        const query: RowsQuery = { model, build, ...rest, ...(where === undefined ? {} : { where }) }
        const all = referencePage({ ...query, limit: content.length }, content)
        const from = content[at % Math.max(content.length, 1)]
        for (const dialect of dialects) {
          expect(await walk(query, false, dialect)).toEqual(all)
          expect(await walk(query, true, dialect)).toEqual(all)
          if (from === undefined) continue
          for (const side of ['after', 'before'] as const)
            for (const fromEnd of [true, false]) {
              const sought: RowsQuery = { ...query, fromEnd, seek: { side, values: positionOf(query, from) } }
              expect(await ask(sought, dialect)).toEqual(referencePage(sought, content))
            }
        }
      }),
      { seed, numRuns: 120 },
    )
  })

  it('are filtered as the reference filters, and counted alike', async () => {
    const cases = fc.record({ rows, filters: fc.array(filter, { minLength: 10, maxLength: 10 }) })
    await fc.assert(
      fc.asyncProperty(cases, async ({ rows: content, filters }) => {
        await fill(content)
        for (const where of filters) {
          const [found] = await engine.query(compileCount(model, build, where, own))
          expect(
            found?.count,
            JSON.stringify(where, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
          ).toBe(BigInt(content.filter((row) => holds(where, row, model)).length))
        }
      }),
      { seed, numRuns: 60 },
    )
  })

  it('take every hostile text for what it is', async () => {
    const texts = [
      "o'a",
      '"',
      '\\',
      '\\\\',
      '%',
      '_',
      "'; DROP TABLE x; --",
      'é',
      'e\u0301',
      '😀',
      '$1',
      '{{ x }}',
      '\n',
      'x'.repeat(100_000),
    ]
    const content = texts.map(
      (text, index): Row => ({ source: text, id: BigInt(index), Day: '2024-01-01', order: `<${text}>` }),
    )
    await fill(content)
    const found = async (where: Filter): Promise<Value[]> => {
      const rows = await ask(
        {
          model,
          build,
          columns: ['source'],
          where,
          order: [{ column: 'id', direction: 'asc', nulls: 'last' }],
          limit: 100,
        },
        own,
      )
      return rows.map((row) => row.source ?? null)
    }
    for (const text of texts) {
      expect(await found({ column: 'source', op: 'eq', value: text })).toEqual([text])
      expect(await found({ column: 'order', op: 'contains', value: text })).toEqual(
        texts.filter((each) => each.includes(text)),
      )
      expect(await found({ column: 'order', op: 'startsWith', value: `<${text}` })).toEqual(
        texts.filter((each) => each.startsWith(text)),
      )
    }
  })
})
