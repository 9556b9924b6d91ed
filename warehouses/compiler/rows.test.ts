import { describe, expect, it } from 'vitest'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import type { RowsQuery, SortKey } from './query.js'
import { compileCount, compileRows } from './rows.js'
import { model } from './testing/arbitrary.js'

const build = { buildId: 'b1', tag: 'b1_7' }
const key = (column: string, direction: SortKey['direction'] = 'asc', nulls: SortKey['nulls'] = 'last'): SortKey => ({
  column,
  direction,
  nulls,
})
const grain = [key('source'), key('id')]
const newestFirst: RowsQuery = { model, build, columns: ['amount'], order: [key('Day', 'desc'), ...grain], limit: 31 }

describe.each([postgresDialect, duckdbDialect])('the SQL of $name', (dialect) => {
  it('of a first page in the default order', () => {
    expect(compileRows(newestFirst, dialect).sql).toMatchSnapshot()
  })

  it('of the page after a row', () => {
    expect(
      compileRows({ ...newestFirst, seek: { side: 'after', values: ['2024-02-29', 'a', 5n] } }, dialect),
    ).toMatchSnapshot()
  })

  it('of the last page before a row, by the grain', () => {
    const query: RowsQuery = {
      ...newestFirst,
      order: grain,
      fromEnd: true,
      seek: { side: 'before', values: ['a', 5n] },
    }
    expect(compileRows(query, dialect).sql).toMatchSnapshot()
  })

  it('of the page after a row by a column with NULLs', () => {
    const query: RowsQuery = { ...newestFirst, order: [key('amount', 'desc'), ...grain] }
    expect(compileRows(query, dialect).sql).toMatchSnapshot()
    expect(compileRows({ ...query, seek: { side: 'after', values: ['1.00', 'a', 5n] } }, dialect).sql).toMatchSnapshot()
    expect(compileRows({ ...query, seek: { side: 'after', values: [null, 'a', 5n] } }, dialect).sql).toMatchSnapshot()
  })

  it('of filters', () => {
    const statement = compileCount(
      model,
      build,
      {
        and: [
          { column: 'order', op: 'contains', value: '100%' },
          {
            or: [
              { column: 'amount', op: 'between', from: '0.005', to: '1' },
              { column: 'count', op: 'notIn', values: [1n, 2n] },
            ],
          },
          { not: { column: 'order', op: 'startsWith', value: "'" } },
          { column: 'state', op: 'ne', value: 'low' },
          { column: 'source', op: 'in', values: [] },
        ],
      },
      dialect,
    )
    expect(statement).toMatchSnapshot()
  })

  it('never holds a value', () => {
    const hostile = "'; DROP TABLE x; --"
    const where = {
      or: [
        { column: 'order', op: 'eq', value: hostile },
        { column: 'order', op: 'in', values: [hostile] },
      ],
    } as const
    const { sql, params } = compileRows(
      {
        ...newestFirst,
        where,
        order: [key('order'), ...grain],
        seek: { side: 'after', values: [hostile, hostile, 1n] },
      },
      dialect,
    )
    expect(sql).not.toContain('DROP')
    expect(params.map((each) => each.value)).toEqual([hostile, hostile, hostile, hostile, 1n])
  })

  it('reads the asked columns and those of the order, each once', () => {
    const { sql, columns } = compileRows({ ...newestFirst, columns: ['id', 'amount', 'id'] }, dialect)
    expect(columns.map((each) => each.name)).toEqual(['id', 'amount', 'Day', 'source'])
    expect(sql).toContain('SELECT "id", "amount", "Day", "source"\n')
  })
})

describe('a query that does not fit its model', () => {
  it.each<[string, Partial<RowsQuery>]>([
    ['an unknown column', { columns: ['amount"; --'] }],
    ['no column', { columns: [] }],
    ['an unknown filter column', { where: { column: 'nope', op: 'isNull', value: true } }],
    ['no order', { order: [] }],
    ['a position of another order', { seek: { side: 'after', values: ['a'] } }],
    ['half a row', { limit: 0.5 }],
    ['parts of a number', { where: { column: 'count', op: 'contains', value: '1' } }],
  ])('is refused: %s', (_what, change) => {
    expect(() => compileRows({ ...newestFirst, ...change }, postgresDialect)).toThrow(RangeError)
  })
})
