import type { GoldModel, LogicalType, Measure } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import { columnOf } from './filter.js'
import { groupedType, measureOf } from './group-query.js'

/** The column of `latestMark`: 1 in the rows that a measure of rule `last` is read from. */
const latest = 'latest_row'

/**
 * A measure by its own rule, as an expression over the rows of a group. A ratio is made of the sums of its parts, taken over the rows in which all
 * of them are known: a campaign without a budget adds neither to the budget nor to the revenue that is set against it.
 * `ofNone`: what a sum of no rows is, in a grand total.
 */
export function aggregate(model: GoldModel, measure: Measure, dialect: Dialect, ofNone: 'null' | 'zero'): string {
  const { adds, nullable } = measure
  const type = groupedType(measure)
  if (adds.how === 'rowOnly') throw new RangeError(`${measure.name} of ${model.name} cannot be added up.`)
  if (adds.how === 'ratio') {
    const names = [...adds.plus, ...adds.minus, adds.denominator]
    const known = [...new Set(names)].filter((name) => columnOf(model, name).nullable)
    const conditions = known.map((name) => `${dialect.quote(name)} IS NOT NULL`)
    const part = (name: string): string => added(measureOf(model, name), dialect, conditions)
    const [first = '0', ...more] = adds.plus.map(part)
    const numerator = [first, ...more.map((each) => `+ ${each}`), ...adds.minus.map((name) => `- ${part(name)}`)]
    return dialect.cast(dialect.macros.ratio(`(${numerator.join(' ')})`, part(adds.denominator), adds.scale), type)
  }
  const sum = added(measure, dialect, [])
  const whole = ofNone === 'zero' && !nullable && isSummed(measure) ? `COALESCE(${sum}, 0)` : sum
  return dialect.cast(whole, type)
}

function added(measure: Measure, dialect: Dialect, conditions: readonly string[]): string {
  const { how } = measure.adds
  const word = { sum: 'SUM', last: 'SUM', min: 'MIN', max: 'MAX' }
  if (how === 'ratio' || how === 'rowOnly') throw new RangeError(`${measure.name} is no part of a ratio.`)
  const all = how === 'last' ? [`${dialect.quote(latest)} = 1`, ...conditions] : conditions
  const name = dialect.quote(measure.name)
  return `${word[how]}(${all.length === 0 ? name : `CASE WHEN ${all.join(' AND ')} THEN ${name} END`})`
}

/** Whether rows must be marked by `latestMark` to compute the measure. */
export function needsLatest(model: GoldModel, { adds }: Measure): boolean {
  if (adds.how !== 'ratio') return adds.how === 'last'
  return [...adds.plus, ...adds.minus, adds.denominator].some((name) => measureOf(model, name).adds.how === 'last')
}

/** Columns of the model that the measure is computed from. */
export const readColumns = ({ name, adds }: Measure): readonly string[] =>
  adds.how === 'ratio' ? [...adds.plus, ...adds.minus, adds.denominator] : [name]

/**
 * Marks, in each group, the latest row of every key: of the grain without its date. `groups` is SQL of the dimensions. Throws a RangeError for a
 * model without a date in its grain, which has no latest row.
 */
export function latestMark(model: GoldModel, groups: readonly string[], dialect: Dialect): string {
  const isDate = (type: LogicalType): boolean => type.kind === 'date'
  const time = model.grain.find((name) => isDate(columnOf(model, name).type))
  if (time === undefined) throw new RangeError(`The grain of ${model.name} holds no date: nothing of it is the latest.`)
  const key = model.grain.filter((name) => name !== time).map(dialect.quote)
  const partition = [...groups, ...key].join(', ')
  const order = dialect.orderBy(dialect.quote(time), { kind: 'date' }, 'desc', 'last')
  return `ROW_NUMBER() OVER (PARTITION BY ${partition} ORDER BY ${order}) AS ${dialect.quote(latest)}`
}

const isSummed = ({ adds }: Measure): boolean => adds.how === 'sum' || adds.how === 'last'
