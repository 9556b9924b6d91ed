import type { Measure } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import { columnOf } from './filter.js'
import { dimensionName, filledDimension, type Grouping, groupRows } from './group-query.js'
import type { Parameters } from './parameters.js'

/**
 * `grouped` with a group for every period of its date dimension, whether it has rows or not, and for every combination of the other dimensions that
 * it has. Groups without a date stay as they are.
 */
export function filledSelect(
  { model, dimensions, fill = {} }: Grouping,
  grouped: string,
  measures: readonly Measure[],
  dialect: Dialect,
  parameters: Parameters,
): string {
  const { quote } = dialect
  const along = filledDimension(model, dimensions)
  const date = quote(dimensionName(along))
  const others = dimensions.filter((each) => each !== along)
  const day = (given: string | undefined, ofGroups: 'MIN' | 'MAX'): string =>
    given === undefined ? `(SELECT ${ofGroups}(${date}) FROM grouped)` : parameters.bind(given, { kind: 'date' })
  const periods = dialect.periods(along.grain ?? 'day', day(fill.from, 'MIN'), day(fill.to, 'MAX'))
  const names = others.map((each) => quote(dimensionName(each)))
  const keys = names.length === 0 ? '' : `\n  CROSS JOIN (SELECT DISTINCT ${names.join(', ')} FROM grouped) AS keys`
  const every = `SELECT periods.period_start, ${names.map((name) => `keys.${name}, `).join('')}1 AS one\n  FROM ${periods} AS periods${keys}`
  const same = others.map((each) => {
    const name = quote(dimensionName(each))
    const equal = `grouped.${name} = every_period.${name}`
    return columnOf(model, each.column).nullable
      ? `(${equal} OR (grouped.${name} IS NULL AND every_period.${name} IS NULL))`
      : equal
  })
  const filled = [
    `every_period.period_start AS ${date}`,
    ...names.map((name) => `every_period.${name} AS ${name}`),
    ...measures.map((measure) => `${filledMeasure(measure, dialect)} AS ${quote(measure.name)}`),
    `COALESCE(grouped.${quote(groupRows)}, 0) AS ${quote(groupRows)}`,
  ]
  const dated = `SELECT ${filled.join(', ')}\nFROM (${every}) AS every_period\nLEFT JOIN grouped ON ${[`grouped.${date} = every_period.period_start`, ...same].join(' AND ')}`
  const columns = [date, ...names, ...measures.map(({ name }) => quote(name)), quote(groupRows)].join(', ')
  const undated = columnOf(model, along.column).nullable
    ? `\nUNION ALL\nSELECT ${columns} FROM grouped WHERE ${date} IS NULL`
    : ''
  return `SELECT * FROM (WITH grouped AS (\n${grouped}\n)\n${dated}${undated}) AS filled`
}

function filledMeasure({ name, adds, nullable }: Measure, { quote }: Dialect): string {
  const column = `grouped.${quote(name)}`
  if (adds.how !== 'sum') return column
  if (!nullable) return `COALESCE(${column}, 0)`
  const ofNone = `(SELECT CASE WHEN COUNT(${quote(name)}) > 0 THEN 0 END FROM grouped)`
  return `CASE WHEN grouped.${quote(groupRows)} IS NULL THEN ${ofNone} ELSE ${column} END`
}
