import type { GoldModel } from '../../models/types.js'
import {
  dimensionName,
  type GroupDimension,
  type GroupMeasure,
  measureOf,
} from '../../warehouses/compiler/group-query.js'
import { compileGroups } from '../../warehouses/compiler/groups.js'
import type { Filter } from '../../warehouses/compiler/query.js'
import type { Row, Value } from '../../warehouses/contract/values.js'
import type { Pinned } from '../context/pinned.js'
import type { RequestContext } from '../context/request-context.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { fieldOf } from '../naming/fields.js'
import { periodEnd } from './calendar.js'
import { difference, isNumeric, relativeChange } from './change.js'
import type { Comparison } from './comparison.js'
import type { comparing } from './selection.js'

/** Groups of the other time that one page may be compared with. */
const maxGroups = 100_000

interface Beside {
  readonly comparison: Comparison
  readonly model: GoldModel
  readonly dimensions: readonly GroupDimension[]
  readonly compared: readonly GroupMeasure[]
  /** The groups of a page. */
  readonly rows: readonly Row[]
  readonly pinned: Pinned
  readonly context: RequestContext
}

type Compared = Readonly<Record<(typeof comparing)[number], Readonly<Record<string, Value>> | null>>

/** What stands beside each group of a page: its partner of the other time. One statement reads them all. */
export async function readBeside(question: Beside): Promise<Compared[]> {
  const { comparison, model, dimensions, compared, rows, pinned, context } = question
  if (rows.length === 0) return []
  const { warehouse, build } = pinned
  const order = dimensions.map((each) => ({ column: dimensionName(each), direction: 'asc', nulls: 'last' }) as const)
  const where = context.permitted(model.name, {
    and: [...comparison.others, ...timeOf(question), ...valuesOf(question)],
  })
  const query = { model, build, dimensions, measures: compared, ...(where && { where }), order, limit: maxGroups + 1 }
  const found = await context.read(pinned, compileGroups(query, warehouse.dialect))
  if (found.length > maxGroups) {
    const reason = `would read more than ${maxGroups} groups of the other time for this page`
    throw new GoldgateError(
      'COMPARISON_INVALID',
      `\`compareTo\` ${reason}. Ask for a smaller page or narrow \`where\`.`,
    )
  }
  const partners = new Map(found.map((row) => [keyOf(dimensions, row, (period) => period), row]))
  return rows.map((row) => comparedWith(partners.get(keyOf(dimensions, row, comparison.shift)), row, model, compared))
}

/** The days of the other time, as far as the page needs them. */
function timeOf({ comparison, rows }: Beside): Filter[] {
  const { column, dimension, bounds } = comparison
  const conditions: Filter[] = []
  if (bounds.from) conditions.push({ column, op: 'gte', value: bounds.from })
  if (bounds.to) conditions.push({ column, op: 'lte', value: bounds.to })
  if (!dimension) return conditions
  const name = dimensionName(dimension)
  const periods = rows.flatMap((row) => (typeof row[name] === 'string' ? [comparison.shift(row[name])] : [])).sort()
  const [first, last] = [periods[0], periods.at(-1)]
  if (first === undefined || last === undefined) return [...conditions, { or: [] }]
  return [...conditions, { column, op: 'between', from: first, to: periodEnd(last, dimension.grain ?? 'day') }]
}

/** The other dimensions have the values of the page. */
function valuesOf({ dimensions, comparison, rows }: Beside): Filter[] {
  return dimensions
    .filter((each) => each !== comparison.dimension)
    .map((each): Filter => {
      const values = [...new Set(rows.map((row) => row[dimensionName(each)] ?? null))]
      const known: Filter = { column: each.column, op: 'in', values: values.filter((value) => value !== null) }
      return values.includes(null) ? { or: [known, { column: each.column, op: 'isNull', value: true }] } : known
    })
}

function keyOf(dimensions: readonly GroupDimension[], row: Row, shift: (period: string) => string): string {
  return JSON.stringify(
    dimensions.map((each) => {
      const value = row[dimensionName(each)] ?? null
      if (typeof value === 'bigint') return String(value)
      return each.grain !== undefined && typeof value === 'string' ? shift(value) : value
    }),
  )
}

function comparedWith(
  partner: Row | undefined,
  row: Row,
  model: GoldModel,
  compared: readonly GroupMeasure[],
): Compared {
  if (!partner) return { previous: null, change: null, changeRatio: null }
  const shown = (of: (column: string) => Value): Readonly<Record<string, Value>> =>
    Object.fromEntries(compared.map(({ column }) => [fieldOf(column), of(column)]))
  const changed = (how: typeof difference) => (column: string) => {
    const measure = measureOf(model, column)
    return isNumeric(measure) ? how(measure, row[column] ?? null, partner[column] ?? null) : null
  }
  return {
    previous: shown((column) => partner[column] ?? null),
    change: shown(changed(difference)),
    changeRatio: shown(changed(relativeChange)),
  }
}
