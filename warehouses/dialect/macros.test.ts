import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { date, decimal, integer, text } from '../../models/columns.js'
import type { LogicalType } from '../../models/types.js'
import { createTestDatabase, type TestDatabase } from '../../tests/setup/database.js'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import { decimalFromUnits, unitsOf } from '../contract/decimal.js'
import type { DateGrain } from '../contract/dialect.js'
import type { Row, Value } from '../contract/values.js'
import { openDuckdb, openPostgres, type TestEngine } from './testing/engines.js'

const seeded = { seed: 20261121, numRuns: 8 }
const batch = 60

describe.each(['postgres', 'duckdb'] as const)('macros in %s', (name) => {
  const dialect = name === 'postgres' ? postgresDialect : duckdbDialect
  const { macros } = dialect
  let database: TestDatabase | undefined
  let engine: TestEngine

  beforeAll(async () => {
    if (name === 'postgres') database = await createTestDatabase()
    engine = database === undefined ? await openDuckdb('b1') : await openPostgres(database.url)
  })
  afterAll(async () => {
    await engine?.close()
    await database?.drop()
  })

  const column = (index: number): string => `c${index}`
  const literal = (value: Value, type: LogicalType): string =>
    value === null
      ? dialect.cast('NULL', type)
      : dialect.cast(typeof value === 'string' ? `'${value}'` : String(value), type)

  /** Evaluates `expression` over columns c0, c1, … for every row of inputs in one statement. */
  async function evaluate(
    types: readonly LogicalType[],
    inputs: readonly (readonly Value[])[],
    expression: string,
    result: LogicalType,
  ): Promise<Value[]> {
    const lines = inputs.map(
      (row, n) =>
        `SELECT ${n} AS n, ${row.map((each, i) => `${literal(each, types[i] ?? text)} AS ${column(i)}`).join(', ')}`,
    )
    const sql = `SELECT ${expression} AS r FROM (${lines.join(' UNION ALL ')}) AS t ORDER BY n`
    const rows: Row[] = await engine.query({ sql, params: [], columns: [{ name: 'r', type: result }] })
    return rows.map((row) => row.r ?? null)
  }

  const units = (digits: bigint) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.bigInt({ min: -digits, max: digits }) },
      { weight: 3, arbitrary: fc.bigInt({ min: -20n, max: 20n }) },
    )
  /** Amounts up to 10^15 with two digits behind the point. */
  const amount = fc.option(
    units(10n ** 17n).map((each) => decimalFromUnits(each, 2)),
    { freq: 12 },
  )
  const pairs = fc.array(fc.tuple(amount, amount), { minLength: batch, maxLength: batch })

  it.each([0, 2, 4, 9])('divides exactly and rounds half away from zero to %i digits', async (scale) => {
    await fc.assert(
      fc.asyncProperty(pairs, async (rows) => {
        const types = [decimal(38, 2), decimal(38, 2)]
        const found = await evaluate(types, rows, macros.ratio('c0', 'c1', scale), decimal(38, scale))
        expect(found).toEqual(rows.map(([n, d]) => quotient(n, d, scale)))
      }),
      seeded,
    )
  })

  it('divides counts, and decimals of unlike scales, by the same rule', async () => {
    const rows: Value[][] = [
      [1n, 3n],
      [2n, 3n],
      [-1n, 2n],
      [1n, -2n],
      [5n, 0n],
      [0n, 5n],
      [0n, 0n],
      [null, 1n],
      [1n, null],
      [999999999999999999n, 1n],
    ]
    expect(await evaluate([integer, integer], rows, macros.ratio('c0', 'c1', 0), decimal(38, 0))).toEqual([
      '0',
      '1',
      '-1',
      '-1',
      null,
      '0',
      null,
      null,
      null,
      '999999999999999999',
    ])
    const mixed: Value[][] = [
      ['1.0001', 3n],
      ['-0.0001', 1n],
      ['0.0050', 1n],
    ]
    expect(await evaluate([decimal(18, 4), integer], mixed, macros.ratio('c0', 'c1', 2), decimal(38, 2))).toEqual([
      '0.33',
      '0.00',
      '0.01',
    ])
    expect(
      await evaluate([decimal(18, 4), integer], [['10.0000', 4n]], macros.ratio('c0 - 5', 'c1 - 2', 1), decimal(38, 1)),
    ).toEqual(['2.5'])
  })

  it('divides what aggregates return', async () => {
    const rows: Value[][] = [
      ['1.00', 1n],
      ['1.00', 1n],
      ['0.00', 1n],
    ]
    expect(await evaluate([decimal(18, 2), integer], rows, 'n', integer)).toHaveLength(3)
    const lines = rows.map(
      (row) => `SELECT ${literal(row[0] ?? null, decimal(18, 2))} AS a, ${literal(row[1] ?? null, integer)} AS b`,
    )
    const sql = `SELECT ${macros.ratio('SUM(a)', 'SUM(b)', 4)} AS r, ${macros.mul('SUM(b)', 'SUM(a)')} AS m FROM (${lines.join(' UNION ALL ')}) AS t`
    const columns = [
      { name: 'r', type: decimal(38, 4) },
      { name: 'm', type: decimal(38, 2) },
    ]
    expect(await engine.query({ sql, params: [], columns })).toEqual([{ r: '0.6667', m: '6.00' }])
  })

  it('multiplies exactly where a product needs more than 18 digits', async () => {
    const factors = fc.array(
      fc.tuple(
        fc.option(
          units(10n ** 16n).map((each) => decimalFromUnits(each, 2)),
          { freq: 12 },
        ),
        fc.option(
          units(10n ** 12n).map((each) => decimalFromUnits(each, 6)),
          { freq: 12 },
        ),
      ),
      { minLength: batch, maxLength: batch },
    )
    await fc.assert(
      fc.asyncProperty(factors, async (rows) => {
        const found = await evaluate([decimal(18, 2), decimal(18, 6)], rows, macros.mul('c0', 'c1'), decimal(38, 8))
        expect(found).toEqual(
          rows.map(([a, b]) =>
            a === null || b === null ? null : decimalFromUnits(unitsOf(a, 2).floor * unitsOf(b, 6).floor, 8),
          ),
        )
      }),
      seeded,
    )
    expect(
      await evaluate([integer, decimal(18, 4)], [[3n, '1.0005']], macros.mul('c0 + 1', 'c1 - 1'), decimal(38, 4)),
    ).toEqual(['0.0020'])
  })

  it('rounds half away from zero', async () => {
    const numbers = fc.array(fc.tuple(units(10n ** 24n).map((each) => decimalFromUnits(each, 8))), {
      minLength: batch,
      maxLength: batch,
    })
    await fc.assert(
      fc.asyncProperty(numbers, async (rows) => {
        const found = await evaluate([decimal(38, 8)], rows, macros.round('c0', 2), decimal(38, 2))
        expect(found).toEqual(rows.map(([each]) => quotient(each, '1.00', 2)))
      }),
      seeded,
    )
    expect(
      await evaluate([decimal(5, 2)], [['2.50'], ['-0.50'], [null]], macros.round('c0', 0), decimal(38, 0)),
    ).toEqual(['3', '-1', null])
    expect(await evaluate([decimal(5, 2)], [['2.50']], macros.round('c0', 4), decimal(38, 4))).toEqual(['2.5000'])
    expect(await evaluate([integer], [[7n]], macros.round('c0', 2), decimal(38, 2))).toEqual(['7.00'])
  })

  const days = fc.array(
    fc.tuple(fc.integer({ min: -60_000, max: 60_000 }), fc.integer({ min: -60_000, max: 60_000 })),
    { minLength: batch, maxLength: batch },
  )

  it.each(['day', 'week', 'month', 'quarter', 'year'] as const)('truncates a date to its %s', async (grain) => {
    await fc.assert(
      fc.asyncProperty(days, async (rows) => {
        const inputs = rows.map(([day]) => [isoDay(day)])
        const found = await evaluate([date], inputs, macros.truncDate(grain, 'c0'), date)
        expect(found).toEqual(rows.map(([day]) => periodStart(day, grain)))
      }),
      seeded,
    )
    expect(await evaluate([date], [[null]], macros.truncDate(grain, 'c0'), date)).toEqual([null])
  })

  it('counts, adds and ends days as the calendar does', async () => {
    await fc.assert(
      fc.asyncProperty(days, async (rows) => {
        const inputs = rows.map(([a, b]) => [isoDay(a), isoDay(b)])
        expect(await evaluate([date, date], inputs, macros.daysBetween('c0', 'c1'), integer)).toEqual(
          rows.map(([a, b]) => BigInt(b - a)),
        )
        expect(await evaluate([date], inputs, macros.monthEnd('c0'), date)).toEqual(rows.map(([a]) => monthEnd(a)))
        const numbers = rows.map(([a, b]) => [isoDay(a), BigInt(b)])
        expect(await evaluate([date, integer], numbers, macros.addDays('c0', 'c1'), date)).toEqual(
          rows.map(([a, b]) => isoDay(a + b)),
        )
      }),
      seeded,
    )
    expect(await evaluate([date, date], [[null, '2024-02-01']], macros.daysBetween('c0', 'c1'), integer)).toEqual([
      null,
    ])
    expect(await evaluate([date], [['2024-02-28']], macros.addDays('c0', '1'), date)).toEqual(['2024-02-29'])
  })

  it('takes the smaller and the larger of two and ignores NULL', async () => {
    const rows: Value[][] = [
      ['2024-01-01', '2024-01-02'],
      ['2024-01-01', null],
      [null, '2024-01-02'],
      [null, null],
    ]
    expect(await evaluate([date, date], rows, macros.least('c0', 'c1'), date)).toEqual([
      '2024-01-01',
      '2024-01-01',
      '2024-01-02',
      null,
    ])
    expect(await evaluate([date, date], rows, macros.greatest('c0', 'c1'), date)).toEqual([
      '2024-01-02',
      '2024-01-01',
      '2024-01-02',
      null,
    ])
  })

  it.each([
    ['2024-01-15', '2024-04-10', ['2024-01-31', '2024-02-29', '2024-03-31']],
    ['2024-01-31', '2024-02-29', ['2024-01-31']],
    ['2024-01-31', '2024-03-01', ['2024-01-31', '2024-02-29']],
    ['2024-02-01', '2024-02-29', []],
    ['2024-05-01', '2024-02-01', []],
    ['2023-12-31', '2024-01-01', ['2023-12-31']],
    [null, '2024-01-01', []],
  ])('lists the month ends from the month of %s to before %s', async (first, last, ends) => {
    const bounds = `(SELECT ${literal(first, date)} AS first_day, ${literal(last, date)} AS last_day)`
    const columns = [{ name: 'month_end', type: date }]
    const scalar = `SELECT month_end FROM ${macros.monthEnds(`(SELECT MIN(first_day) FROM ${bounds} AS b)`, literal(last, date))} AS m ORDER BY month_end`
    expect(await engine.query({ sql: scalar, params: [], columns })).toEqual(ends.map((each) => ({ month_end: each })))
    const lateral = `SELECT m.month_end FROM ${bounds} AS b CROSS JOIN LATERAL ${macros.monthEnds('b.first_day', 'b.last_day')} AS m ORDER BY m.month_end`
    expect(await engine.query({ sql: lateral, params: [], columns })).toEqual(ends.map((each) => ({ month_end: each })))
  })
})

/** Half away from zero, in whole numbers only. Amounts have at most 8 digits behind the point. */
function quotient(n: string | null, d: string | null, scale: number): string | null {
  if (n === null || d === null) return null
  const [a, b] = [unitsOf(n, 8).floor, unitsOf(d, 8).floor]
  if (b === 0n) return null
  const negative = a < 0n !== b < 0n
  const [top, bottom] = [a < 0n ? -a : a, b < 0n ? -b : b]
  const rounded = (2n * top * 10n ** BigInt(scale) + bottom) / (2n * bottom)
  return decimalFromUnits(negative ? -rounded : rounded, scale)
}

/** Days are counted from 1970-01-01. */
const isoDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)

function monthEnd(day: number): string {
  const at = new Date(day * 86_400_000)
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).toISOString().slice(0, 10)
}

function periodStart(day: number, grain: DateGrain): string {
  const at = new Date(day * 86_400_000)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  const monthStart = (m: number): string => new Date(Date.UTC(year, m, 1)).toISOString().slice(0, 10)
  switch (grain) {
    case 'day':
      return isoDay(day)
    case 'week':
      return isoDay(day - ((at.getUTCDay() + 6) % 7))
    case 'month':
      return monthStart(month)
    case 'quarter':
      return monthStart(month - (month % 3))
    case 'year':
      return monthStart(0)
  }
}
