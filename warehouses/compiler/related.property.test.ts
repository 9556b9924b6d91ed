import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import type { Dialect } from '../contract/dialect.js'
import type { Row, Value } from '../contract/values.js'
import { createEnglishDatabase, openDuckdb, openPostgres, type TestEngine } from '../dialect/testing/engines.js'
import { type Keys, keysFilter } from './keys.js'
import type { Filter, RowsQuery } from './query.js'
import { compileRelated, compileRelatedCounts, type RelatedQuery, rowCount } from './related.js'
import { compileRows } from './rows.js'
import { filter, model, order, rows } from './testing/arbitrary.js'
import { createTable, fillTable } from './testing/fill.js'
import { referencePage } from './testing/reference.js'

const build = { buildId: 'b1', tag: 'b1_1' }
const missing: Row = {
  ...{
    source: 'nobody',
    id: -1n,
    Day: '1900-01-01',
    order: 'none',
    state: 'low',
    'seen "at"': '1900-01-01T00:00:00.000000Z',
  },
  ...{ amount: '7.77', count: 777n, open: true },
}

const questions = fc.record({
  rows,
  order,
  where: fc.option(filter, { nil: undefined }),
  limit: fc.integer({ min: 0, max: 3 }),
  columns: fc.subarray(
    model.columns.map(({ name }) => name),
    { minLength: 1 },
  ),
  by: fc.subarray(
    model.columns.map(({ name }) => name),
    { minLength: 1, maxLength: 3 },
  ),
  at: fc.nat(),
})

/** The keys that rows have, without NULLs, and one that none has. */
function keysOf(by: readonly string[], content: readonly Row[]): Keys {
  const all = [...content, missing].map((row) => by.map((name) => row[name] ?? null))
  const known = all.filter((key): key is NonNullable<Value>[] => !key.includes(null))
  return { columns: by, values: [...new Map(known.map((key) => [String(key.map(String)), key])).values()] }
}

const belongs = ({ columns }: Keys, key: readonly NonNullable<Value>[]): Filter => ({
  and: columns.map((column, i): Filter => ({ column, op: 'eq', value: key[i] ?? '' })),
})

describe.each(['postgres', 'duckdb'] as const)('rows of several parents in %s', (name) => {
  const own = name === 'postgres' ? postgresDialect : duckdbDialect
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

  it('are to each parent what its own page holds, from the start and behind any row, and counted alike', async () => {
    await fc.assert(
      fc.asyncProperty(questions, async ({ rows: content, by, at, where, ...rest }) => {
        await fillTable(engine, own, table, model, content)
        const parents = keysOf(by, content)
        const from = content[at % Math.max(content.length, 1)]
        const position = from && rest.order.map(({ column }) => from[column] ?? null)
        const seeks = [undefined, ...(position ? [{ side: 'after' as const, values: position }] : [])]
        for (const dialect of dialects) {
          for (const seek of seeks) {
            const query: RelatedQuery = {
              model,
              build,
              parents,
              ...rest,
              ...(where && { where }),
              ...(seek && { seek }),
            }
            const found = await engine.query(compileRelated(query, dialect))
            for (const key of parents.values) {
              const own = found.filter((row) => by.every((column, i) => row[column] === key[i]))
              const asked = { ...query, columns: [...rest.columns, ...by], where: within(belongs(parents, key), where) }
              expect(own).toEqual(referencePage(asked, content))
            }
            expect(found.every((row) => by.every((column) => (row[column] ?? null) !== null))).toBe(true)
          }
          const counts = await engine.query(
            compileRelatedCounts({ model, build, parents, ...(where && { where }) }, dialect),
          )
          const expected = parents.values.flatMap((key) => {
            const all = { model, build, columns: by, order: rest.order, limit: content.length }
            const size = referencePage({ ...all, where: within(belongs(parents, key), where) }, content).length
            return size === 0 ? [] : [[...key, BigInt(size)]]
          })
          expect(sorted(counts.map((row) => [...by, rowCount].map((column) => row[column])))).toEqual(sorted(expected))
        }
      }),
      { seed: 20261121, numRuns: 50 },
    )
  })

  it('are found by their keys, all of them in one page', async () => {
    const asking = fc.record({ rows, order, by: questions.map(({ by }) => by), take: fc.infiniteStream(fc.boolean()) })
    await fc.assert(
      fc.asyncProperty(asking, async ({ rows: content, order: by, by: columns, take }) => {
        await fillTable(engine, own, table, model, content)
        const all = keysOf(columns, content)
        const keys = { ...all, values: all.values.filter(() => take.next().value) }
        const query: RowsQuery = { model, build, columns: ['id'], order: by, limit: 100, where: keysFilter(keys) }
        const either = { or: keys.values.map((key) => belongs(keys, key)) }
        expect(await engine.query(compileRows(query, own))).toEqual(referencePage({ ...query, where: either }, content))
      }),
      { seed: 20261121, numRuns: 30 },
    )
  })
})

const within = (belonging: Filter, where: Filter | undefined): Filter => ({
  and: where ? [belonging, where] : [belonging],
})
const sorted = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row.map(String))).sort()
