import { type Keys, keysFilter } from '../../compiler/keys.js'
import type { Filter, SortKey } from '../../compiler/query.js'
import { compileRelated, compileRelatedCounts, type RelatedQuery, rowCount } from '../../compiler/related.js'
import { equal } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { Workbench } from '../workbench.js'

const strange = `o'a"\\%_{{ x }}; -- 😀`
const rows = [
  thing('a', { label: 'x', amount: '10.00', day: '2024-01-31' }),
  thing('b', { label: strange, amount: '9.99', day: '2024-02-29' }),
  thing('c', { label: 'x', amount: '-1.50', day: '1969-12-31' }),
  thing('d', { label: 'x', amount: null, day: null }),
  thing('e', { label: null, amount: '100.00', day: '2024-01-31' }),
  thing('f', { label: strange, amount: '10.00', day: null }),
  thing('g', { label: 'x', amount: '0.00', day: '2024-01-31' }),
  thing('h', { label: '', amount: '0.00', day: '2025-01-01' }),
]

const byAmount: SortKey[] = [
  { column: 'amount', direction: 'desc', nulls: 'last' },
  { column: 'source', direction: 'asc', nulls: 'last' },
  { column: 'thing_id', direction: 'asc', nulls: 'last' },
]
const labels: Keys = {
  columns: ['source', 'label'],
  values: ['x', strange, 'nobody', ''].map((label) => ['shop', label]),
}
const days: Keys = { columns: ['day'], values: [['2024-01-31'], ['1969-12-31']] }

export const relatedCases: readonly ConformanceCase[] = [
  {
    name: 'the first rows of several parents come in one statement, from any position',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const firstOf = async (parents: Keys, query: Partial<RelatedQuery>): Promise<string[]> => {
        const asked = { model: thingList, build, parents, columns: ['day'], order: byAmount, limit: 2, ...query }
        const found = await work.warehouse.query(compileRelated(asked, work.warehouse.dialect), [build])
        return parents.values.map((key) =>
          found
            .filter((row) => parents.columns.every((name, i) => row[name] === key[i]))
            .map((row) => row.thing_id)
            .join(''),
        )
      }
      equal(await firstOf(labels, {}), ['ag', 'fb', '', 'h'], 'two of each label')
      equal(await firstOf(labels, { limit: 9 }), ['agcd', 'fb', '', 'h'], 'all of each label')
      const where: Filter = { column: 'day', op: 'isNull', value: true }
      equal(await firstOf(labels, { where }), ['d', 'f', '', ''], 'two of each label without a day')
      const seek = { side: 'after' as const, values: ['0.00', 'shop', 'g'] }
      equal(await firstOf(labels, { seek }), ['cd', '', '', 'h'], 'two of each label behind one')
      equal(await firstOf(days, { limit: 3 }), ['eag', 'c'], 'three of each day')
    },
  },
  {
    name: 'the rows of several parents are counted in one statement',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const { dialect } = work.warehouse
      const found = await work.warehouse.query(
        compileRelatedCounts({ model: thingList, build, parents: labels }, dialect),
        [build],
      )
      const counts = new Map(found.map((row) => [row.label, row[rowCount]]))
      equal(
        labels.values.map(([, label]) => counts.get(label ?? null)),
        [4n, 2n, undefined, 1n],
        'of each label',
      )
    },
  },
  {
    name: 'rows are found by many keys at once',
    async run(subject) {
      const work = await Workbench.open(subject)
      const build = await work.publish(rows)
      const many = Array.from({ length: 2000 }, (_, i) => ['shop', i % 400 === 0 ? 'acegh'.charAt(i / 400) : `no ${i}`])
      const where = keysFilter({ columns: ['source', 'thing_id'], values: [...many, ['nobody', 'b']] })
      equal((await work.readColumn(build, 'thing_id', { where })).join(''), 'acegh', 'keys')
    },
  },
]
