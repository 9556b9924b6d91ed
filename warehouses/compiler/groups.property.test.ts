import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  boolean,
  closedList,
  date,
  dimension,
  integer,
  last,
  max,
  measure,
  min,
  money,
  ratio,
  rowOnly,
  sourceDimension,
  sum,
  text,
  timestamp,
} from '../../models/columns.js'
import type { GoldModel } from '../../models/types.js'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import type { DateGrain } from '../contract/dialect.js'
import type { Row, Value } from '../contract/values.js'
import { createEnglishDatabase, openDuckdb, openPostgres, type TestEngine } from '../dialect/testing/engines.js'
import { type GroupDimension, type GroupMeasure, type GroupsQuery, groupModel } from './group-query.js'
import { compileGroupCount, compileGroups } from './groups.js'
import type { Filter, SortKey } from './query.js'
import { createTable, fillTable } from './testing/fill.js'
import { referenceGroups } from './testing/group-reference.js'
import { holds, referencePage } from './testing/reference.js'

const build = { buildId: 'b1', tag: 'b1_1' }
const seed = 20261121
const nullable = { nullable: true }

/** Every rule of adding up, with and without NULLs. */
const model: GoldModel = {
  name: 'groups "model"',
  description: '',
  grain: ['source', 'shop', 'Day'],
  columns: [
    sourceDimension,
    dimension('shop', text, ''),
    dimension('Day', date, ''),
    dimension('order', text, '', nullable),
    dimension('state', closedList('State', ['low', 'high']), '', nullable),
    dimension('open', boolean, ''),
    dimension('since', date, '', nullable),
    measure('amount', money, sum, ''),
    measure('cost', money, sum, '', nullable),
    measure('lines', integer, sum, ''),
    measure('stock', integer, last, '', nullable),
    measure('worth', money, last, ''),
    measure('lowest', money, min, '', nullable),
    measure('seen', timestamp, max, ''),
    measure('average', money, ratio(['amount'], 'lines', 2), '', nullable),
    measure('margin', money, ratio(['amount'], 'cost', 4, ['cost']), '', nullable),
    measure('value of one', money, ratio(['worth'], 'stock', 3), '', nullable),
    measure('secret', integer, rowOnly, ''),
  ],
  defaultOrder: [],
  rowChecks: [],
}

const amounts = ['0.00', '-0.01', '0.01', '0.05', '10.00', '-10.00', '9999999999999999.99'] as const
const days = ['2024-02-29', '1969-12-31', '2024-03-01', '2024-12-30', '2025-01-01', '2023-12-31', '2025-03-31'] as const
const rows: fc.Arbitrary<Row[]> = fc.uniqueArray(
  fc.record({
    source: fc.constantFrom('a', 'B', 'é😀'),
    shop: fc.constantFrom('x', 'Y', ''),
    Day: fc.constantFrom(...days),
    order: fc.option(fc.constantFrom('', 'a', 'A', 'é', '"'), { freq: 3 }),
    state: fc.option(fc.constantFrom('low', 'high'), { freq: 3 }),
    open: fc.boolean(),
    since: fc.option(fc.constantFrom(...days), { freq: 3 }),
    amount: fc.constantFrom(...amounts),
    cost: fc.option(fc.constantFrom(...amounts), { freq: 3 }),
    lines: fc.constantFrom(0n, 1n, 3n, -2n, 7n),
    stock: fc.option(fc.constantFrom(0n, 1n, 3n, 7n), { freq: 3 }),
    worth: fc.constantFrom(...amounts),
    lowest: fc.option(fc.constantFrom(...amounts), { freq: 3 }),
    seen: fc.constantFrom('2024-01-01T00:00:00.000001Z', '1969-12-31T23:59:59.999999Z'),
    secret: fc.constant(1n),
  }),
  { maxLength: 14, selector: (row) => `${row.source} ${row.shop} ${row.Day}` },
)

const grain = fc.constantFrom<DateGrain>('day', 'week', 'month', 'quarter', 'year')
const dimensions: fc.Arbitrary<GroupDimension[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({ column: fc.constantFrom('Day', 'since'), grain }),
    fc.record({ column: fc.constantFrom('source', 'shop', 'order', 'state', 'open') }),
  ),
  { maxLength: 4, selector: (each) => JSON.stringify(each) },
)
const sums = ['amount', 'cost', 'lines']
const summable = model.columns.flatMap((each) =>
  each.role === 'measure' && each.adds.how !== 'rowOnly' && each.adds.how !== 'ratio' ? [each.name] : [],
)
const measures: fc.Arbitrary<GroupMeasure[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({
      column: fc.constantFrom(...summable, 'average', 'margin', 'value of one'),
      form: fc.constant('value' as const),
    }),
    fc.record({ column: fc.constantFrom(...sums), form: fc.constantFrom('share', 'running') }),
  ),
  { maxLength: 5, selector: ({ column, form }) => `${column} ${form}` },
)
const where: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ column: fc.constant('Day'), op: fc.constantFrom('gte', 'lt'), value: fc.constantFrom(...days) }),
  fc.record({ column: fc.constant('order'), op: fc.constant('isNull' as const), value: fc.boolean() }),
)

const questions = fc
  .record({
    rows,
    dimensions,
    measures,
    where: fc.option(where, { nil: undefined }),
    limit: fc.integer({ min: 1, max: 4 }),
  })
  .map((question) => ({
    ...question,
    // Nothing runs along a date that is not there.
    measures: question.measures.filter(
      ({ form }) => form !== 'running' || question.dimensions.some((each) => each.grain !== undefined),
    ),
  }))
  .chain((question) => {
    const names = groupModel({ model, ...question }).columns.map((column) => column.name)
    const isDimension = (name: string) => question.dimensions.some((each) => name.startsWith(each.column))
    return fc.record({
      question: fc.constant(question),
      order: fc
        .tuple(fc.subarray(names.filter((name) => !isDimension(name) && name !== 'group_rows')), fc.boolean())
        .map(([first, descending]) =>
          [...first.slice(0, 2), ...groupModel({ model, ...question }).grain].map(
            (column): SortKey => ({
              column,
              direction: descending ? 'desc' : 'asc',
              nulls: descending ? 'first' : 'last',
            }),
          ),
        ),
      having: fc.option(
        fc.record({
          column: fc.constant('group_rows'),
          op: fc.constantFrom('gt', 'lte'),
          value: fc.constantFrom(1n, 2n),
        }),
        { nil: undefined },
      ),
    })
  })

describe.each(['postgres', 'duckdb'] as const)('groups in %s', (name) => {
  const dialect = name === 'postgres' ? postgresDialect : duckdbDialect
  const table = dialect.goldTable(build, model.name)
  let database: Awaited<ReturnType<typeof createEnglishDatabase>> | undefined
  let engine: TestEngine

  beforeAll(async () => {
    if (name === 'postgres') database = await createEnglishDatabase()
    engine = database === undefined ? await openDuckdb(build.tag) : await openPostgres(database.url)
    await createTable(engine, dialect, table, model)
  })
  afterAll(async () => {
    await engine?.close()
    await database?.drop()
  })

  it('are what the reference adds up, page by page, counted alike', async () => {
    await fc.assert(
      fc.asyncProperty(questions, async ({ question: { rows: content, ...question }, order, having }) => {
        await fillTable(engine, dialect, table, model, content)
        const filters = {
          ...(question.where === undefined ? {} : { where: question.where }),
          ...(having === undefined ? {} : { having }),
        }
        const query: GroupsQuery = { ...question, ...filters, model, build, order }
        const left = content.filter((row) => question.where === undefined || holds(question.where, row, model))
        const groups = referenceGroups(query, left)
        const asRows = groupModel(query)
        const columns = asRows.columns.map((column) => column.name).filter((column) => column !== 'group_rows')
        const expected = referencePage(
          {
            ...{ model: asRows, build, columns, order, limit: 1000 },
            ...(having === undefined ? {} : { where: having }),
          },
          groups,
        )
        const [counted] = await engine.query(compileGroupCount(query, dialect))
        expect(counted?.count).toBe(BigInt(expected.length))
        const found: Row[] = []
        for (let seek: GroupsQuery['seek']; ; ) {
          const page = await engine.query(compileGroups({ ...query, ...(seek ? { seek } : {}) }, dialect))
          found.push(...page)
          // The grand total is one group.
          if (page.length < (query.limit ?? Infinity) || order.length === 0) break
          seek = { side: 'after', values: order.map((key): Value => page.at(-1)?.[key.column] ?? null) }
        }
        expect(found.map(({ group_rows: _, ...row }) => row)).toEqual(expected.map(({ group_rows: _, ...row }) => row))
      }),
      { seed, numRuns: 300 },
    )
  })

  it('have no gaps where they are filled', async () => {
    const recent = days.filter((day) => day > '2020')
    const bounds = fc.record({ from: fc.constant('2023-11-15'), to: fc.constant('2025-04-20') }, { requiredKeys: [] })
    const filled = fc
      .record({
        content: rows.map((all) => all.filter((row) => recent.some((day) => day === row.Day))),
        grain: fc.constantFrom<DateGrain>('week', 'month', 'quarter', 'year'),
        column: fc.constantFrom('Day', 'since'),
        others: fc.subarray(['source', 'order', 'open']),
        measures,
        fill: bounds,
      })
      .filter(({ content, column }) => content.every((row) => row[column] === null || String(row[column]) > '2020'))
    await fc.assert(
      fc.asyncProperty(filled, async ({ content, grain, column, others, ...rest }) => {
        await fillTable(engine, dialect, table, model, content)
        const dimensions = [{ column, grain }, ...others.map((name) => ({ column: name }))]
        const order = [`${column}__${grain}`, ...others].map(
          (name): SortKey => ({ column: name, direction: 'asc', nulls: 'last' }),
        )
        const query: GroupsQuery = { model, build, dimensions, order, limit: 1000, ...rest }
        const asRows = groupModel(query)
        const columns = asRows.columns.map((each) => each.name).filter((name) => name !== 'group_rows')
        const expected = referencePage({ ...query, model: asRows, columns }, referenceGroups(query, content))
        expect(await engine.query(compileGroups(query, dialect))).toEqual(expected)
        const [counted] = await engine.query(compileGroupCount(query, dialect))
        expect(counted?.count).toBe(BigInt(expected.length))
      }),
      { seed, numRuns: 100 },
    )
  })

  it('cannot be of a measure that may not be added up, or of a dimension that is none', () => {
    const query = { model, build, order: [], limit: 1 }
    const ask = (dimensions: GroupDimension[], measures: GroupMeasure[]) => () =>
      compileGroups({ ...query, dimensions, measures }, dialect)
    expect(ask([], [{ column: 'secret', form: 'value' }])).toThrow('cannot be added up')
    expect(ask([], [{ column: 'shop', form: 'value' }])).toThrow('cannot be added up')
    expect(ask([{ column: 'amount' }], [])).toThrow('is a measure')
    expect(ask([{ column: 'shop', grain: 'month' }], [])).toThrow('is no date')
    expect(ask([{ column: 'shop' }], [{ column: 'amount', form: 'running' }])).toThrow('needs a date')
    expect(ask([], [{ column: 'stock', form: 'share' }])).toThrow('is no sum')
  })
})
