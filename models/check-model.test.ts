import { describe, expect, test } from 'vitest'
import { checkModels } from './check-model.js'
import {
  closedList,
  date,
  decimal,
  dimension,
  integer,
  last,
  max,
  measure,
  money,
  ratio,
  ratioType,
  reference,
  sourceDimension,
  sum,
  text,
  total,
} from './columns.js'
import type { Aggregation, GoldColumn, GoldModel, LogicalType } from './types.js'

const nullable = { nullable: true }
const category = dimension('category', text, '')
const day = dimension('day', date, '')
const shelf = dimension('shelf', text, '', nullable)
const units = measure('units_sold', integer, sum, '')
const lines = measure('gross_lines', money, sum, '')
const best = measure('best_line', money, max, '')

const mix: GoldModel = {
  name: 'category_mix',
  description: '',
  grain: ['source', 'category'],
  columns: [sourceDimension, category, shelf, units, lines, best],
  defaultOrder: [{ column: 'units_sold', direction: 'desc' }],
  rowChecks: [],
}
const shelves: GoldModel = {
  ...mix,
  name: 'shelves',
  grain: ['source', 'shelf'],
  columns: [sourceDimension, dimension('shelf', text, ''), units],
  references: [],
}
const withColumns = (...columns: readonly GoldColumn[]): GoldModel => ({ ...mix, columns })
const adding = (...columns: readonly GoldColumn[]): GoldModel => withColumns(...mix.columns, ...columns)
const quotient = (adds: Aggregation, type: LogicalType = ratioType, options = nullable) =>
  adding(measure('mean', type, adds, '', options))
const referring = (...given: Parameters<typeof reference>): GoldModel => ({ ...mix, references: [reference(...given)] })

test('models that fit together are taken', () => {
  const linked = {
    ...quotient(ratio(['gross_lines'], 'units_sold', 4, ['gross_lines'])),
    references: [reference('on_shelf', 'shelf', 'shelves', '', ['categories', ''])],
    totals: [total('of_shelf', 'shelf', '')],
  }
  const daily = { ...shelves, name: 'daily', grain: ['source', 'day'], columns: [sourceDimension, day, units] }
  const stock = { ...daily, name: 'stock', columns: [sourceDimension, day, measure('stock', integer, last, '')] }
  expect(() => checkModels([linked, shelves, { ...stock, defaultOrder: [] }, daily])).not.toThrow()
})

describe('a model is refused', () => {
  test.each<[string, GoldModel, string]>([
    ['with another name', { ...mix, name: 'Mix' }, 'model Mix: "Mix" is no name. Take lower-case letters'],
    ['with a column of another name', adding({ ...units, name: 'a-b' }), 'model category_mix: "a-b" is no name'],
    ['with a total of another name', { ...mix, totals: [total('A', 'shelf', '')] }, '"A" is no name'],
    ['with a way back of another name', referring('a', 'shelf', 'shelves', '', ['B', '']), '"B" is no name'],
    ['of no source', { ...mix, grain: ['category'] }, 'grain: it does not begin with source. Put "source" in front.'],
    [
      'whose columns do not begin with its grain',
      withColumns(sourceDimension, shelf, category, units),
      'column category: it is number 2 of the grain. Make it number 2 of columns.',
    ],
    [
      'with NULL in its grain',
      withColumns(sourceDimension, { ...category, nullable: true }, units),
      'column category: it is in the grain. Declare it as a dimension that is not nullable.',
    ],
    ['without measures', withColumns(sourceDimension, category), 'columns: none of them is a measure. Declare one.'],
    [
      'with a dimension behind a measure',
      adding(day),
      'column day: it is a dimension behind a measure. Put it in front.',
    ],
    [
      'that orders by what it does not have',
      { ...mix, defaultOrder: [{ column: 'units', direction: 'asc' }] },
      'column units: it is in defaultOrder and not in columns. Order by a column.',
    ],
    [
      'with the last of a measure and no date',
      adding(measure('stock', integer, last, '')),
      'column stock: it adds up as last, and the grain has no date. Add one, or let it add up otherwise.',
    ],
    [
      'with a ratio of nothing',
      quotient(ratio([], 'units_sold', 4)),
      'column mean: its ratio has nothing to divide. Name one measure or more.',
    ],
    [
      'with a ratio of what is not there',
      quotient(ratio(['gross_lines'], 'unit_sold', 4), money, { nullable: false }),
      'model category_mix, column mean: its ratio is made of "unit_sold", which is not there. Name measures of this model that add up as sum or last.',
    ],
    [
      'with a ratio less what is not there',
      quotient(ratio(['gross_lines'], 'units_sold', 4, ['lines'])),
      'its ratio is made of "lines", which is not there',
    ],
    [
      'with a ratio of a maximum',
      quotient(ratio(['best_line'], 'units_sold', 4)),
      'its ratio is made of "best_line", which is no measure that adds up as sum or last',
    ],
    [
      'with a ratio of a dimension',
      quotient(ratio(['gross_lines'], 'shelf', 4)),
      'its ratio is made of "shelf", which is no measure that adds up as sum or last',
    ],
    [
      'with a ratio of another scale than its type',
      quotient(ratio(['gross_lines'], 'units_sold', 4), money),
      'column mean: its ratio has the scale 4, and its type the scale 2. Give it a decimal type of the scale of the ratio.',
    ],
    [
      'with a ratio that is no decimal',
      quotient(ratio(['gross_lines'], 'units_sold', 0), integer),
      'its ratio has the scale 0, and its type is integer',
    ],
    [
      'with a ratio that may not be NULL',
      quotient(ratio(['gross_lines'], 'units_sold', 4), ratioType, { nullable: false }),
      'column mean: it is a ratio, whose denominator may be 0. Declare it with nullable: true.',
    ],
    [
      'that refers to no model',
      referring('on_shelf', 'shelf', 'shelve', ''),
      'reference on_shelf: there is no model "shelve". Name one that is there.',
    ],
    [
      'that refers by a measure',
      referring('on_shelf', 'units_sold', 'shelves', ''),
      'reference on_shelf: "units_sold" is no dimension of this model. Name dimensions only.',
    ],
    [
      'that refers by a column of another type',
      {
        ...withColumns(sourceDimension, category, day, units),
        references: [reference('on_shelf', 'day', 'shelves', '')],
      },
      'reference on_shelf: its columns are not of the types of the grain of shelves. Name one column for each of source, shelf.',
    ],
    [
      'that refers by its own key',
      referring('on_shelf', 'category', 'shelves', ''),
      'reference on_shelf: its columns are the grain, which one row has alone. Take it out, or name fewer.',
    ],
    [
      'that refers without its source',
      { ...mix, references: [{ ...reference('on_shelf', 'shelf', 'shelves', ''), columns: ['shelf'] }] },
      'reference on_shelf: its columns do not begin with source. Put "source" in front.',
    ],
    [
      'that adds up by what is not there',
      { ...mix, totals: [total('of_shelf', 'shelve', '')] },
      'total of_shelf: "shelve" is no dimension of this model. Name dimensions only.',
    ],
    [
      'that adds up by its key',
      { ...mix, totals: [total('of_category', 'category', '')] },
      'total of_category: its columns are the grain',
    ],
    [
      'with two columns of one name',
      adding(units),
      'column units_sold: two fields have this name. Call one of them otherwise.',
    ],
    [
      'with a total called like a column',
      { ...mix, totals: [total('shelf', 'shelf', '')] },
      'column shelf: two fields have this name',
    ],
    [
      'with a way back that is called like a column there',
      referring('on_shelf', 'shelf', 'shelves', '', ['units_sold', '']),
      'model shelves, column units_sold: two fields have this name',
    ],
  ])('%s', (_, model, message) => {
    const refused = () => checkModels([model, shelves])
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }))
  })

  test('beside another with a measure of its name and another type', () => {
    const other = { ...shelves, columns: [...shelves.columns, { ...lines, type: decimal(18, 4) }] }
    expect(() => checkModels([mix, other])).toThrow(
      'model shelves, column gross_lines: the measure gross_lines is another one in category_mix. Declare both alike, or name one otherwise.',
    )
  })

  test('beside another with a closed list of the same name and other values', () => {
    const state = (...values: string[]) => dimension('state', closedList('State', values), '')
    const [source = sourceDimension, key = category, ...others] = mix.columns
    const one = withColumns(source, key, state('new'), ...others)
    const other = { ...shelves, columns: [sourceDimension, dimension('shelf', text, ''), state('old'), units] }
    expect(() => checkModels([one, other])).toThrow(
      'model shelves, column state: the closed list State is another one in category_mix',
    )
  })
})
