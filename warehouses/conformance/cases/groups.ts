import { date, decimal, dimension, integer, last, max, measure, ratio, sum, text } from '../../../models/columns.js'
import type { GoldModel } from '../../../models/types.js'
import type { GroupsQuery } from '../../compiler/group-query.js'
import { compileGroupCount, compileGroups } from '../../compiler/groups.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Row, Value } from '../../contract/values.js'
import type { Warehouse } from '../../contract/warehouse.js'
import { equal } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { Workbench } from '../workbench.js'

const rows: readonly Row[] = [
  thing('a', { label: 'x', amount: '10.00', quantity: 3n, day: '2024-01-31', exact: '1.000000001' }),
  thing('b', { label: 'y', amount: '9.99', quantity: 3n, day: '2024-02-29', exact: '-1.000000001' }),
  thing('c', { label: 'x', amount: '-1.50', quantity: -7n, day: '1969-12-31' }),
  thing('d', { label: 'x', amount: null, quantity: null, day: null }),
  thing('e', { label: 'x', amount: '100.00', quantity: 0n, day: '2024-01-01', exact: '0.5' }),
  thing('f', { label: 'y', amount: '10.00', quantity: 12n, day: null }),
  thing('g', { label: 'y', amount: '0.00', quantity: null, day: '2025-01-01' }),
]

const nullable = { nullable: true }
const money = decimal(18, 2)

/** The table of `thingList`, with more ways to add it up. */
const counted: GoldModel = {
  ...thingList,
  columns: [
    ...thingList.columns.filter(({ name }) => name === 'source' || name === 'thing_id'),
    dimension('label', text, 'Text.', nullable),
    dimension('day', date, 'Date.', nullable),
    measure('amount', money, sum, 'A sum.', nullable),
    measure('quantity', integer, sum, 'A count.', nullable),
    measure('exact', decimal(38, 9), max, 'The largest.', nullable),
    measure('average', money, ratio(['amount'], 'quantity', 2), 'A ratio.', nullable),
  ],
}

/** One more: a thing is a reading of its label on a day. */
const readings: GoldModel = {
  ...counted,
  grain: ['source', 'label', 'day'],
  columns: counted.columns.map((column) =>
    column.role === 'measure' && column.name === 'amount' ? { ...column, adds: last } : column,
  ),
}

type Question = Omit<GroupsQuery, 'build' | 'limit' | 'model'> & { readonly model?: GoldModel; readonly limit?: number }

async function ask(warehouse: Warehouse, build: BuildRef, question: Question): Promise<Value[][]> {
  const query: GroupsQuery = { model: counted, limit: 100, ...question, build }
  const statement = compileGroups(query, warehouse.dialect)
  const found = await warehouse.query(statement, [build])
  return found.map((row) => statement.columns.map(({ name }) => row[name] ?? null))
}

const value = (column: string) => ({ column, form: 'value' as const })
const ascending = (column: string) => ({ column, direction: 'asc' as const, nulls: 'first' as const })

export const groupCases: readonly ConformanceCase[] = [
  {
    name: 'groups add measures up by their own rules, for each period of a date',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const found = await ask(work.warehouse, build, {
        dimensions: [{ column: 'day', grain: 'month' }],
        measures: [
          ...['amount', 'quantity', 'exact', 'average'].map(value),
          { column: 'amount', form: 'share' },
          { column: 'amount', form: 'running' },
        ],
        order: [ascending('day__month')],
      })
      equal(
        found,
        [
          [null, '10.00', 12n, null, '0.83', '0.077827', '10.00'],
          ['1969-12-01', '-1.50', -7n, null, '0.21', '-0.011674', '-1.50'],
          ['2024-01-01', '110.00', 3n, '1.000000001', '36.67', '0.856098', '108.50'],
          ['2024-02-01', '9.99', 3n, '-1.000000001', '3.33', '0.077749', '118.49'],
          ['2025-01-01', '0.00', null, null, null, '0.000000', '118.49'],
        ],
        'months',
      )
    },
  },
  {
    name: 'groups go by the first day of every grain, weeks from Monday',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const by = async (grain: 'day' | 'week' | 'quarter' | 'year') =>
        (
          await ask(work.warehouse, build, {
            dimensions: [{ column: 'day', grain }],
            measures: [],
            where: { column: 'day', op: 'isNull', value: false },
            order: [ascending(`day__${grain}`)],
          })
        ).map(([first]) => first)
      equal(await by('day'), ['1969-12-31', '2024-01-01', '2024-01-31', '2024-02-29', '2025-01-01'], 'days')
      equal(await by('week'), ['1969-12-29', '2024-01-01', '2024-01-29', '2024-02-26', '2024-12-30'], 'weeks')
      equal(await by('quarter'), ['1969-10-01', '2024-01-01', '2025-01-01'], 'quarters')
      equal(await by('year'), ['1969-01-01', '2024-01-01', '2025-01-01'], 'years')
    },
  },
  {
    name: 'groups are filtered by their measures, paged, and counted',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const question = {
        dimensions: [{ column: 'label' }, { column: 'day', grain: 'year' }] as const,
        measures: [value('amount')],
        having: { column: 'amount', op: 'lt', value: '50' } as const,
        order: [ascending('label'), ascending('day__year')],
      }
      const all = [
        ['x', '1969-01-01', '-1.50'],
        ['y', null, '10.00'],
        ['y', '2024-01-01', '9.99'],
        ['y', '2025-01-01', '0.00'],
      ]
      equal(await ask(work.warehouse, build, question), all, 'all')
      const seek = { side: 'after' as const, values: ['y', null] }
      equal(await ask(work.warehouse, build, { ...question, seek, limit: 1 }), all.slice(2, 3), 'a page')
      const [count] = await work.warehouse.query(
        compileGroupCount({ model: counted, build, ...question }, work.warehouse.dialect),
        [build],
      )
      equal(count?.count, 4n, 'count')
    },
  },
  {
    name: 'the grand total is one group, also of no rows, and a balance is that of the latest day',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const total = (question: Partial<Question>) =>
        ask(work.warehouse, build, { dimensions: [], measures: [value('amount')], order: [], ...question })
      equal(await total({}), [['128.49', 7n]], 'all rows')
      equal(await total({ where: { column: 'label', op: 'eq', value: 'z' } }), [[null, 0n]], 'no rows')
      const behind = { side: 'after' as const, values: [] }
      equal(await total({ seek: behind }), [], 'behind it')
      const byAmount = { order: [ascending('amount')], seek: { side: 'after' as const, values: ['128.49'] } }
      equal(await total(byAmount), [], 'behind it, by its value')
      equal(await total({ limit: 0 }), [], 'none of it')
      const known = { column: 'day', op: 'isNull', value: false } as const
      // x: 10.00 of 2024-01-31, y: 0.00 of 2025-01-01.
      equal(await total({ model: readings, where: known }), [['10.00', 5n]], 'the latest')
    },
  },
]
