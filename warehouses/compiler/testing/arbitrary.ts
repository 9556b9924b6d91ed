import fc from 'fast-check'
import {
  boolean,
  closedList,
  date,
  decimal,
  dimension,
  integer,
  measure,
  sourceDimension,
  sum,
  text,
  timestamp,
} from '../../../models/columns.js'
import type { GoldModel } from '../../../models/types.js'
import type { Row, Value } from '../../contract/values.js'
import type { Filter, SortKey } from '../query.js'

const nullable = { nullable: true }

/** Every logical type, with and without NULLs, under names that must be quoted. */
export const model: GoldModel = {
  name: 'paging "model"',
  description: '',
  grain: ['source', 'id'],
  columns: [
    sourceDimension,
    dimension('id', integer, ''),
    dimension('Day', date, ''),
    dimension('order', text, '', nullable),
    dimension('state', closedList('State', ['low', 'high']), '', nullable),
    dimension('seen "at"', timestamp, '', nullable),
    measure('amount', decimal(8, 2), sum, '', nullable),
    measure('count', integer, sum, '', nullable),
    dimension('open', boolean, '', nullable),
  ],
  defaultOrder: [],
  rowChecks: [],
}

type Stored = NonNullable<Value>

const hostileTexts = [
  '',
  'a',
  'A',
  'b',
  'ab',
  "o'a",
  '"',
  '\\',
  '\\\\',
  '%',
  '_',
  'a%',
  "'; DROP TABLE x; --",
  'é',
  'e\u0301',
  'ß',
  '\uffee',
  '😀',
  '😀a',
  ' a',
  '\n',
  '$1',
  '{{ x }}',
]

/** Few values of each column, so that ties and hits are common. */
const stored: Readonly<Record<string, readonly Stored[]>> = {
  source: ['a', 'B', 'é😀'],
  Day: ['2024-02-29', '1969-12-31', '2024-03-01'],
  order: hostileTexts,
  state: ['low', 'high'],
  'seen "at"': ['2024-01-01T00:00:00.000001Z', '2024-01-01T00:00:00.000002Z', '1969-12-31T23:59:59.999999Z'],
  amount: ['0.00', '-0.01', '0.01', '1.00', '-1.00', '999999.99', '-999999.99'],
  count: [0n, 1n, -1n, 9223372036854775807n, -9223372036854775808n],
  open: [true, false],
}

/** Values that a client may send and no column holds. */
const unstored: Readonly<Record<string, readonly Stored[]>> = {
  source: ['zzz'],
  order: ['a\0', '\0', 'a\0b', '\ud83d', 'nothing like it'],
  amount: [
    '0.005',
    '-0.005',
    '1',
    '0',
    '1000000',
    '-1000000',
    '999999.999',
    '99999999999999999999999999999999999999999.1',
    '0.0000000000000000001',
  ],
  count: [9223372036854775808n, -9223372036854775809n, 10n ** 40n],
}

export const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record(
      Object.fromEntries(
        model.columns
          .filter((column) => column.name !== 'id')
          .map((column) => {
            const value = fc.constantFrom(...(stored[column.name] ?? []))
            return [column.name, column.nullable ? fc.option(value, { freq: 3 }) : value]
          }),
      ),
    ),
    { maxLength: 12 },
  )
  .map((each) => each.map((row, index): Row => ({ ...row, id: BigInt(index % 7) })))
  .map((each) => [...new Map(each.map((row) => [`${row.source} ${row.id}`, row])).values()])

/** One to three random keys, then the grain. */
export const order: fc.Arbitrary<SortKey[]> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...model.columns.map((column) => column.name)), { maxLength: 3 }),
    fc.array(
      fc.tuple(fc.constantFrom('asc' as const, 'desc' as const), fc.constantFrom('first' as const, 'last' as const)),
      { minLength: 5, maxLength: 5 },
    ),
  )
  .map(([names, ways]) =>
    [...new Set([...names, ...model.grain])].map((column, index): SortKey => {
      const [direction, nulls] = ways[index] ?? ['asc', 'last']
      return { column, direction, nulls }
    }),
  )

const names = fc.constantFrom(...model.columns.map((column) => column.name))
const valuesOf = (column: string): fc.Arbitrary<Stored> =>
  column === 'id'
    ? fc.constantFrom(0n, 1n, 3n)
    : fc.constantFrom(...(stored[column] ?? []), ...(unstored[column] ?? []))

const leaf: fc.Arbitrary<Filter> = names.chain((column): fc.Arbitrary<Filter> => {
  const value = valuesOf(column)
  const parts = column === 'order' || column === 'source' || column === 'state'
  return fc.oneof(
    fc.record({ column: fc.constant(column), op: fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'), value }),
    fc.record({
      column: fc.constant(column),
      op: fc.constantFrom('in', 'notIn'),
      values: fc.array(value, { maxLength: 3 }),
    }),
    fc.record({ column: fc.constant(column), op: fc.constant('between' as const), from: value, to: value }),
    fc.record({ column: fc.constant(column), op: fc.constant('isNull' as const), value: fc.boolean() }),
    ...(parts
      ? [fc.record({ column: fc.constant(column), op: fc.constantFrom('contains', 'startsWith'), value })]
      : []),
  )
})

export const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ not: tie('filter') }) },
  ),
})).filter
