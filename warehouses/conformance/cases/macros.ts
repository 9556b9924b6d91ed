import fc from 'fast-check'
import { date, decimal, integer } from '../../../models/columns.js'
import type { LogicalType } from '../../../models/types.js'
import { decimalFromUnits, unitsOf } from '../../contract/decimal.js'
import type { DateGrain, Dialect } from '../../contract/dialect.js'
import type { Row, Value } from '../../contract/values.js'
import type { Warehouse } from '../../contract/warehouse.js'
import { equal } from '../expect.js'
import type { ConformanceCase } from '../subject.js'

const seeded = { seed: 20261121, numRuns: 8 }
const batch = 60

function literal({ cast }: Dialect, value: Value, type: LogicalType): string {
  if (value === null) return cast('NULL', type)
  return cast(typeof value === 'string' ? `'${value}'` : String(value), type)
}

/** A case that evaluates SQL in the engine. */
function macroCase(name: string, check: (evaluate: Evaluate, warehouse: Warehouse) => Promise<void>): ConformanceCase {
  return {
    name,
    async run(subject) {
      const warehouse = await subject.open()
      await check(evaluation(warehouse), warehouse)
    },
  }
}

/** Evaluates `expression` over columns c0, c1, … for every row of inputs in one statement. */
type Evaluate = (
  types: readonly LogicalType[],
  inputs: readonly (readonly Value[])[],
  expression: string,
  result: LogicalType,
) => Promise<Value[]>

function evaluation(warehouse: Warehouse): Evaluate {
  return async (types, inputs, expression, result) => {
    const lines = inputs.map((row, n) => {
      const values = types.map((type, i) => `${literal(warehouse.dialect, row[i] ?? null, type)} AS c${i}`)
      return `SELECT ${n} AS n, ${values.join(', ')}`
    })
    const sql = `SELECT ${expression} AS r FROM (${lines.join(' UNION ALL ')}) AS t ORDER BY n`
    const rows: Row[] = await warehouse.query({ sql, params: [], columns: [{ name: 'r', type: result }] }, [])
    return rows.map((row) => row.r ?? null)
  }
}

const units = (digits: bigint) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.bigInt({ min: -digits, max: digits }) },
    { weight: 3, arbitrary: fc.bigInt({ min: -20n, max: 20n }) },
  )
const decimals = (digits: bigint, scale: number) => units(digits).map((each) => decimalFromUnits(each, scale))
const many = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: batch, maxLength: batch })
/** Amounts up to 10^15 with two digits behind the point. */
const amount = fc.option(decimals(10n ** 17n, 2), { freq: 12 })
const pairs = many(fc.tuple(amount, amount))
const days = many(fc.tuple(fc.integer({ min: -60_000, max: 60_000 }), fc.integer({ min: -60_000, max: 60_000 })))

const divisions = [0, 2, 4, 9].map((scale) =>
  macroCase(
    `ratio divides exactly and rounds half away from zero to ${scale} digits`,
    async (evaluate, { dialect }) => {
      await fc.assert(
        fc.asyncProperty(pairs, async (rows) => {
          const types = [decimal(38, 2), decimal(38, 2)]
          const found = await evaluate(types, rows, dialect.macros.ratio('c0', 'c1', scale), decimal(38, scale))
          equal(
            found,
            rows.map(([n, d]) => quotient(n, d, scale)),
            'quotients',
          )
        }),
        seeded,
      )
    },
  ),
)

const truncations = (['day', 'week', 'month', 'quarter', 'year'] as const).map((grain) =>
  macroCase(`truncDate goes to the first day of the ${grain}`, async (evaluate, { dialect }) => {
    const truncated = dialect.macros.truncDate(grain, 'c0')
    await fc.assert(
      fc.asyncProperty(days, async (rows) => {
        const inputs = rows.map(([day]) => [isoDay(day)])
        equal(
          await evaluate([date], inputs, truncated, date),
          rows.map(([day]) => periodStart(day, grain)),
          grain,
        )
      }),
      seeded,
    )
    equal(await evaluate([date], [[null]], truncated, date), [null], 'of NULL')
  }),
)

const spans: readonly (readonly [string | null, string, readonly string[]])[] = [
  ['2024-01-15', '2024-04-10', ['2024-01-31', '2024-02-29', '2024-03-31']],
  ['2024-01-31', '2024-02-29', ['2024-01-31']],
  ['2024-01-31', '2024-03-01', ['2024-01-31', '2024-02-29']],
  ['2024-02-01', '2024-02-29', []],
  ['2024-05-01', '2024-02-01', []],
  ['2023-12-31', '2024-01-01', ['2023-12-31']],
  [null, '2024-01-01', []],
]

/** What SQL files are written in means the same everywhere. Only an engine can tell: most mistakes here are valid SQL. */
export const macroCases: readonly ConformanceCase[] = [
  ...divisions,
  macroCase('ratio divides counts, and decimals of unlike scales, by the same rule', async (evaluate, { dialect }) => {
    const { ratio } = dialect.macros
    const counts: [Value, Value, Value][] = [
      [1n, 3n, '0'],
      [2n, 3n, '1'],
      [-1n, 2n, '-1'],
      [1n, -2n, '-1'],
      [5n, 0n, null],
      [0n, 5n, '0'],
      [0n, 0n, null],
      [null, 1n, null],
      [1n, null, null],
      [999999999999999999n, 1n, '999999999999999999'],
    ]
    const whole = await evaluate([integer, integer], counts, ratio('c0', 'c1', 0), decimal(38, 0))
    equal(
      whole,
      counts.map(([, , quotient]) => quotient),
      'of counts',
    )
    const mixed: Value[][] = [
      ['1.0001', 3n],
      ['-0.0001', 1n],
      ['0.0050', 1n],
    ]
    const unlike = await evaluate([decimal(18, 4), integer], mixed, ratio('c0', 'c1', 2), decimal(38, 2))
    equal(unlike, ['0.33', '0.00', '0.01'], 'of unlike scales')
    const sums = await evaluate(
      [decimal(18, 4), integer],
      [['10.0000', 4n]],
      ratio('c0 - 5', 'c1 - 2', 1),
      decimal(38, 1),
    )
    equal(sums, ['2.5'], 'of expressions')
  }),
  macroCase('ratio and mul take what aggregates return', async (_evaluate, warehouse) => {
    const { dialect } = warehouse
    const { ratio, mul } = dialect.macros
    const lines = ['1.00', '1.00', '0.00'].map(
      (value) => `SELECT ${literal(dialect, value, decimal(18, 2))} AS a, ${literal(dialect, 1n, integer)} AS b`,
    )
    const sql = `SELECT ${ratio('SUM(a)', 'SUM(b)', 4)} AS r, ${mul('SUM(b)', 'SUM(a)')} AS m FROM (${lines.join(' UNION ALL ')}) AS t`
    const columns = [
      { name: 'r', type: decimal(38, 4) },
      { name: 'm', type: decimal(38, 2) },
    ]
    equal(await warehouse.query({ sql, params: [], columns }, []), [{ r: '0.6667', m: '6.00' }], 'the row')
  }),
  macroCase('mul is exact where a product needs more than 18 digits', async (evaluate, { dialect }) => {
    const { mul } = dialect.macros
    const factor = (digits: bigint, scale: number) => fc.option(decimals(digits, scale), { freq: 12 })
    const factors = many(fc.tuple(factor(10n ** 16n, 2), factor(10n ** 12n, 6)))
    const types = [decimal(18, 2), decimal(18, 6)]
    await fc.assert(
      fc.asyncProperty(factors, async (rows) => {
        const expected = rows.map(([a, b]) =>
          a === null || b === null ? null : decimalFromUnits(unitsOf(a, 2).floor * unitsOf(b, 6).floor, 8),
        )
        equal(await evaluate(types, rows, mul('c0', 'c1'), decimal(38, 8)), expected, 'products')
      }),
      seeded,
    )
    const ofSums = await evaluate([integer, decimal(18, 4)], [[3n, '1.0005']], mul('c0 + 1', 'c1 - 1'), decimal(38, 4))
    equal(ofSums, ['0.0020'], 'of expressions')
  }),
  macroCase('round goes half away from zero', async (evaluate, { dialect }) => {
    const { round } = dialect.macros
    const numbers = many(fc.tuple(decimals(10n ** 24n, 8)))
    await fc.assert(
      fc.asyncProperty(numbers, async (rows) => {
        const found = await evaluate([decimal(38, 8)], rows, round('c0', 2), decimal(38, 2))
        equal(
          found,
          rows.map(([each]) => quotient(each, '1.00', 2)),
          'rounded',
        )
      }),
      seeded,
    )
    const whole = await evaluate([decimal(5, 2)], [['2.50'], ['-0.50'], [null]], round('c0', 0), decimal(38, 0))
    equal(whole, ['3', '-1', null], 'to whole numbers')
    equal(await evaluate([decimal(5, 2)], [['2.50']], round('c0', 4), decimal(38, 4)), ['2.5000'], 'to more digits')
    equal(await evaluate([integer], [[7n]], round('c0', 2), decimal(38, 2)), ['7.00'], 'an integer')
  }),
  ...truncations,
  macroCase('days are counted, added and ended as the calendar does', async (evaluate, { dialect }) => {
    const { addDays, daysBetween, monthEnd: end } = dialect.macros
    await fc.assert(
      fc.asyncProperty(days, async (rows) => {
        const inputs = rows.map(([a, b]) => [isoDay(a), isoDay(b)])
        const between = await evaluate([date, date], inputs, daysBetween('c0', 'c1'), integer)
        equal(
          between,
          rows.map(([a, b]) => BigInt(b - a)),
          'days between',
        )
        equal(
          await evaluate([date], inputs, end('c0'), date),
          rows.map(([a]) => monthEnd(a)),
          'ends of months',
        )
        const numbers = rows.map(([a, b]) => [isoDay(a), BigInt(b)])
        const sums = await evaluate([date, integer], numbers, addDays('c0', 'c1'), date)
        equal(
          sums,
          rows.map(([a, b]) => isoDay(a + b)),
          'days added',
        )
      }),
      seeded,
    )
    const unknown = await evaluate([date, date], [[null, '2024-02-01']], daysBetween('c0', 'c1'), integer)
    equal(unknown, [null], 'days from NULL')
    equal(await evaluate([date], [['2024-02-28']], addDays('c0', '1'), date), ['2024-02-29'], 'a leap day')
  }),
  macroCase('least and greatest ignore NULL', async (evaluate, { dialect }) => {
    const rows: [Value, Value, Value, Value][] = [
      ['2024-01-01', '2024-01-02', '2024-01-01', '2024-01-02'],
      ['2024-01-01', null, '2024-01-01', '2024-01-01'],
      [null, '2024-01-02', '2024-01-02', '2024-01-02'],
      [null, null, null, null],
    ]
    const { least, greatest } = dialect.macros
    equal(
      await evaluate([date, date], rows, least('c0', 'c1'), date),
      rows.map((row) => row[2]),
      'least',
    )
    equal(
      await evaluate([date, date], rows, greatest('c0', 'c1'), date),
      rows.map((row) => row[3]),
      'greatest',
    )
  }),
  macroCase('monthEnds lists from the month of the first to before the last', async (_evaluate, warehouse) => {
    const { dialect } = warehouse
    for (const [first, last, ends] of spans) {
      const oldest = `(SELECT MIN(first_day) FROM (SELECT ${literal(dialect, first, date)} AS first_day) AS b)`
      const listed = dialect.macros.monthEnds(oldest, literal(dialect, last, date))
      const sql = `SELECT month_end FROM ${listed} AS m ORDER BY month_end`
      const found = await warehouse.query({ sql, params: [], columns: [{ name: 'month_end', type: date }] }, [])
      equal(
        found,
        ends.map((each) => ({ month_end: each })),
        `${first} to ${last}`,
      )
    }
  }),
]

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
