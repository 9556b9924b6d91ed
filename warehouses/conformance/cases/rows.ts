import type { Filter, SortKey } from '../../compiler/query.js'
import { compileCount } from '../../compiler/rows.js'
import type { Row, Value } from '../../contract/values.js'
import { equal } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { Workbench } from '../workbench.js'

const rows: readonly Row[] = [
  thing('a', { label: 'Apple', amount: '10.00', quantity: 3n, is_new: true, day: '2024-01-31', colour: 'red' }),
  thing('b', { label: 'apple', amount: '9.99', quantity: 3n, is_new: false, day: '2024-02-29', colour: 'green' }),
  thing('c', { label: '', amount: '-1.50', quantity: -7n, is_new: null, day: '1969-12-31', colour: null }),
  thing('d', { label: null, amount: null, quantity: null, is_new: true, day: null, colour: 'red' }),
  thing('e', {
    label: 'Äpfel',
    amount: '100.00',
    quantity: 0n,
    day: '2024-01-31',
    moment: '2024-01-01T00:00:00.000001Z',
  }),
  thing('f', { label: 'apple%pie', amount: '10.00', quantity: 12n, day: null, moment: '2024-01-01T00:00:00.000002Z' }),
  thing('g', { label: null, amount: '0.00', quantity: null, is_new: false, day: '2025-01-01' }),
]

const filters: readonly { readonly where: Filter; readonly finds: string }[] = [
  { where: { column: 'label', op: 'eq', value: 'apple' }, finds: 'b' },
  { where: { column: 'label', op: 'eq', value: '' }, finds: 'c' },
  { where: { column: 'label', op: 'ne', value: 'apple' }, finds: 'acdefg' },
  { where: { column: 'label', op: 'lt', value: 'a' }, finds: 'ac' },
  { where: { column: 'label', op: 'gt', value: 'apple' }, finds: 'ef' },
  { where: { column: 'label', op: 'contains', value: '%' }, finds: 'f' },
  { where: { column: 'label', op: 'contains', value: 'p' }, finds: 'abef' },
  { where: { column: 'label', op: 'startsWith', value: 'app' }, finds: 'bf' },
  { where: { column: 'label', op: 'isNull', value: true }, finds: 'dg' },
  { where: { column: 'label', op: 'isNull', value: false }, finds: 'abcef' },
  { where: { column: 'amount', op: 'eq', value: '10' }, finds: 'af' },
  { where: { column: 'amount', op: 'gte', value: '10.00' }, finds: 'aef' },
  { where: { column: 'amount', op: 'lt', value: '9.995' }, finds: 'bcg' },
  { where: { column: 'amount', op: 'between', from: '-1.5', to: '9.99' }, finds: 'bcg' },
  { where: { column: 'quantity', op: 'in', values: [3n, 12n] }, finds: 'abf' },
  { where: { column: 'quantity', op: 'notIn', values: [3n, 12n] }, finds: 'cdeg' },
  { where: { column: 'is_new', op: 'eq', value: true }, finds: 'ad' },
  { where: { column: 'is_new', op: 'ne', value: true }, finds: 'bcefg' },
  { where: { column: 'day', op: 'eq', value: '2024-01-31' }, finds: 'ae' },
  { where: { column: 'day', op: 'lte', value: '1970-01-01' }, finds: 'c' },
  { where: { column: 'moment', op: 'gt', value: '2024-01-01T00:00:00.000001Z' }, finds: 'f' },
  { where: { column: 'colour', op: 'in', values: ['red', 'green'] }, finds: 'abd' },
  {
    where: {
      and: [
        { column: 'amount', op: 'eq', value: '10.00' },
        { column: 'quantity', op: 'gt', value: 5n },
      ],
    },
    finds: 'f',
  },
  {
    where: {
      or: [
        { column: 'thing_id', op: 'eq', value: 'a' },
        { column: 'day', op: 'isNull', value: true },
      ],
    },
    finds: 'adf',
  },
  { where: { not: { column: 'label', op: 'isNull', value: true } }, finds: 'abcef' },
  { where: { not: { or: [{ column: 'thing_id', op: 'in', values: ['a', 'b'] }] } }, finds: 'cdefg' },
]

const orders: readonly { readonly order: SortKey; readonly gives: string }[] = [
  { order: { column: 'label', direction: 'asc', nulls: 'first' }, gives: 'dgcabfe' },
  { order: { column: 'label', direction: 'asc', nulls: 'last' }, gives: 'cabfedg' },
  { order: { column: 'label', direction: 'desc', nulls: 'first' }, gives: 'dgefbac' },
  { order: { column: 'label', direction: 'desc', nulls: 'last' }, gives: 'efbacdg' },
  { order: { column: 'amount', direction: 'asc', nulls: 'last' }, gives: 'cgbafed' },
  { order: { column: 'amount', direction: 'desc', nulls: 'last' }, gives: 'eafbgcd' },
  { order: { column: 'quantity', direction: 'asc', nulls: 'first' }, gives: 'dgceabf' },
  { order: { column: 'quantity', direction: 'desc', nulls: 'first' }, gives: 'dgfabec' },
  { order: { column: 'day', direction: 'asc', nulls: 'last' }, gives: 'caebgdf' },
  { order: { column: 'day', direction: 'desc', nulls: 'first' }, gives: 'dfgbaec' },
  { order: { column: 'moment', direction: 'desc', nulls: 'last' }, gives: 'feabcdg' },
  { order: { column: 'is_new', direction: 'asc', nulls: 'last' }, gives: 'bgadcef' },
]

const byId: SortKey = { column: 'thing_id', direction: 'asc', nulls: 'last' }
const bySource: SortKey = { column: 'source', direction: 'asc', nulls: 'last' }
const ids = (found: readonly Value[]): string => found.join('')

export const rowCases: readonly ConformanceCase[] = [
  {
    name: 'filters find exactly their rows',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(rows)
      for (const { where, finds } of filters) {
        const what = JSON.stringify(where, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
        equal(ids(await bench.readColumn(build, 'thing_id', { where })), finds, what)
      }
    },
  },
  {
    name: 'a count counts the rows of its filter',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(rows)
      const count = async (where?: Filter) =>
        bench.warehouse.query(compileCount(thingList, build, where, bench.warehouse.dialect), [build])
      equal(await count(), [{ count: 7n }], 'all')
      equal(await count({ column: 'day', op: 'isNull', value: true }), [{ count: 2n }], 'some')
      equal(await count({ column: 'thing_id', op: 'eq', value: 'none' }), [{ count: 0n }], 'none')
    },
  },
  {
    name: 'NULLs are sorted where the order says, in both directions',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(rows)
      for (const { order, gives } of orders) {
        const found = await bench.readColumn(build, 'thing_id', { order: [order, byId, bySource] })
        equal(ids(found), gives, `${order.column} ${order.direction} nulls ${order.nulls}`)
      }
    },
  },
  {
    name: 'pages forwards give every row once',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(rows)
      for (const { order, gives } of orders) {
        const keys = [order, byId, bySource]
        let found = ''
        let values: Value[] | undefined
        for (let page = 0; page < 10; page += 1) {
          const seek = values && { side: 'after' as const, values }
          const columns = keys.map((key) => key.column)
          const part = await bench.read(build, columns, { order: keys, limit: 2, ...(seek && { seek }) })
          equal(part.length, Math.min(2, rows.length - found.length), 'rows of the page')
          found += ids(part.map((row) => row.thing_id ?? null))
          const last = part.at(-1)
          if (last === undefined) break
          values = keys.map((key) => last[key.column] ?? null)
        }
        equal(found, gives, `${order.column} ${order.direction} nulls ${order.nulls}`)
      }
    },
  },
  {
    name: 'pages backwards give every row once, each in the order asked for',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(rows)
      for (const { order, gives } of orders) {
        const keys = [order, byId, bySource]
        let found = ''
        let values: Value[] | undefined
        for (let page = 0; page < 10; page += 1) {
          const seek = values && { side: 'before' as const, values }
          const columns = keys.map((key) => key.column)
          const part = await bench.read(build, columns, { order: keys, limit: 3, fromEnd: true, ...(seek && { seek }) })
          equal(part.length, Math.min(3, rows.length - found.length), 'rows of the page')
          found = ids(part.map((row) => row.thing_id ?? null)) + found
          const first = part[0]
          if (first === undefined) break
          values = keys.map((key) => first[key.column] ?? null)
        }
        equal(found, gives, `${order.column} ${order.direction} nulls ${order.nulls}`)
      }
    },
  },
  {
    name: 'answers have the asked columns, in their order',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(rows)
      const found = await bench.read(build, ['quantity', 'thing_id'], { limit: 1 })
      equal(
        found.map(Object.entries),
        [
          [
            ['quantity', 3n],
            ['thing_id', 'a'],
          ],
        ],
        'the row',
      )
    },
  },
]
