import type { GoldModel, Measure } from '../../../models/types.js'
import { decimalFromUnits, unitsOf } from '../../contract/decimal.js'
import type { DateGrain } from '../../contract/dialect.js'
import type { Row, Value } from '../../contract/values.js'
import {
  dimensionName,
  type GroupDimension,
  type Grouping,
  groupRows,
  measureName,
  measureOf,
  runningDimension,
  shareScale,
} from '../group-query.js'

/** Digits that everything is counted in before it is rounded. */
const fine = 10

/** What the groups of these rows are, by plain loops and whole numbers. `rows` are those that the question's `where` leaves. */
export function referenceGroups(grouping: Grouping, rows: readonly Row[]): Row[] {
  const { model, dimensions, measures } = grouping
  const groups = new Map<string, Row[]>()
  if (dimensions.length === 0) groups.set('[]', [])
  for (const row of rows) {
    const key = JSON.stringify(dimensions.map((dimension) => keyOf(dimension, row)))
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  if (grouping.fill) addEmptyGroups(grouping, groups)
  const answer = [...groups].map(([key, members]) => ({
    dimensions: dimensions.map((dimension, i) => (members[0] ? keyOf(dimension, members[0]) : emptyKey(key, i))),
    values: new Map(measures.map(({ column }) => [column, figureOf(model, measureOf(model, column), members)])),
    rows: BigInt(members.length),
  }))
  if (grouping.fill)
    for (const group of answer.filter((each) => each.rows === 0n))
      for (const { column } of measures) {
        const measure = measureOf(model, column)
        const known = !measure.nullable || rows.some((row) => (row[column] ?? null) !== null)
        group.values.set(column, measure.adds.how === 'sum' && known ? shown(0n, measure.type) : null)
      }
  return answer.map((group) => {
    const row: Record<string, Value> = { [groupRows]: group.rows }
    dimensions.forEach((dimension, i) => {
      row[dimensionName(dimension)] = group.dimensions[i] ?? null
    })
    for (const measure of measures) {
      const { column, form } = measure
      const { type } = measureOf(model, column)
      const of = (each: (typeof answer)[number]): bigint | undefined => units(each.values.get(column) ?? null)
      if (form === 'value') row[column] = group.values.get(column) ?? null
      else if (form === 'share') row[measureName(measure)] = quotient(of(group), total(answer.map(of)), shareScale)
      else {
        const along = dimensions.indexOf(runningDimension(model, dimensions))
        const before = answer.filter((each) =>
          each.dimensions.every((value, i) =>
            i === along
              ? (value === null) === (group.dimensions[i] === null) && String(value) <= String(group.dimensions[i])
              : value === group.dimensions[i],
          ),
        )
        row[measureName(measure)] = shown(total(before.map(of)), type)
      }
    }
    return row
  })
}

const emptyKey = (key: string, at: number): Value => (JSON.parse(key) as Value[])[at] ?? null

/** Every period from the first to the last, beside every combination of the other dimensions. */
function addEmptyGroups({ model, dimensions, fill = {} }: Grouping, groups: Map<string, Row[]>): void {
  const along = dimensions.findIndex(({ column }) =>
    model.columns.some((each) => each.name === column && each.type.kind === 'date'),
  )
  const grain = dimensions[along]?.grain ?? 'day'
  const keys = [...groups.keys()].map((key) => JSON.parse(key) as Value[])
  const dates = keys.flatMap((key) => (typeof key[along] === 'string' ? [key[along]] : [])).sort()
  const from = fill.from ?? dates[0]
  const to = fill.to ?? dates.at(-1)
  if (from === undefined || to === undefined) return
  const periods = new Set<string>()
  for (
    let day = new Date(`${from}T00:00:00Z`);
    day.toISOString().slice(0, 10) <= to;
    day.setUTCDate(day.getUTCDate() + 1)
  )
    periods.add(periodStart(day.toISOString().slice(0, 10), grain))
  // Without other dimensions the periods are there of no rows too.
  const beside = dimensions.length === 1 ? [[null]] : keys
  for (const key of beside)
    for (const period of periods) {
      const filled = JSON.stringify(key.with(along, period))
      if (!groups.has(filled)) groups.set(filled, [])
    }
}

const keyOf = ({ column, grain }: GroupDimension, row: Row): Value => {
  const value = row[column] ?? null
  return grain === undefined || value === null ? value : periodStart(String(value), grain)
}

/** First day of the period that holds the day; weeks begin on Monday. */
function periodStart(day: string, grain: DateGrain): string {
  const [year = '', month = ''] = day.split('-')
  if (grain === 'year') return `${year}-01-01`
  if (grain === 'quarter') return `${year}-${String(Math.floor((Number(month) - 1) / 3) * 3 + 1).padStart(2, '0')}-01`
  if (grain === 'month') return `${year}-${month}-01`
  const date = new Date(`${day}T00:00:00Z`)
  if (grain === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

function figureOf(model: GoldModel, measure: Measure, rows: readonly Row[]): Value {
  const { adds, name, type } = measure
  if (adds.how === 'ratio') {
    const parts = [...adds.plus, ...adds.minus, adds.denominator]
    const known = rows.filter((row) => parts.every((part) => (row[part] ?? null) !== null))
    // The latest row of a key is the latest of all its rows; where it lacks a part it is left out.
    const sum = (part: string) =>
      total(
        rowsOf(model, part, rows)
          .filter((row) => known.includes(row))
          .map((row) => units(row[part] ?? null)),
      )
    const plus = adds.plus.map(sum)
    const minus = adds.minus.map(sum)
    if ([...plus, ...minus].includes(undefined)) return null
    const numerator =
      plus.reduce((a: bigint, b) => a + (b ?? 0n), 0n) - minus.reduce((a: bigint, b) => a + (b ?? 0n), 0n)
    return quotient(numerator, sum(adds.denominator), adds.scale)
  }
  const values = rowsOf(model, name, rows).flatMap((row) => row[name] ?? [])
  if (adds.how === 'min' || adds.how === 'max') {
    const sorted = [...values].sort((a, b) => compare(a, b))
    return (adds.how === 'min' ? sorted[0] : sorted.at(-1)) ?? null
  }
  const sum = total(values.map(units))
  return shown(sum === undefined && rows.length === 0 && !measure.nullable ? 0n : sum, type)
}

/** The rows that a measure is read from: all, or the latest one of every key. */
function rowsOf(model: GoldModel, column: string, rows: readonly Row[]): readonly Row[] {
  if (measureOf(model, column).adds.how !== 'last') return rows
  const time =
    model.grain.find((name) => model.columns.some((each) => each.name === name && each.type.kind === 'date')) ?? ''
  const keyed = (row: Row): string =>
    JSON.stringify(model.grain.filter((name) => name !== time).map((name) => String(row[name])))
  return rows.filter((row) =>
    rows.every((other) => keyed(other) !== keyed(row) || String(other[time]) <= String(row[time])),
  )
}

const compare = (a: NonNullable<Value>, b: NonNullable<Value>): number => {
  if (typeof a === 'bigint' || typeof b === 'bigint' || /^-?\d+(\.\d+)?$/.test(String(a)))
    return Number((units(a) ?? 0n) - (units(b) ?? 0n))
  return String(a) < String(b) ? -1 : 1
}

const units = (value: Value): bigint | undefined => (value === null ? undefined : unitsOf(String(value), fine).floor)

/** Undefined of nothing but unknown. */
function total(values: readonly (bigint | undefined)[]): bigint | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0n)
}

function shown(value: bigint | undefined, type: Measure['type']): Value {
  if (value === undefined) return null
  if (type.kind === 'integer') return value / 10n ** BigInt(fine)
  return decimalFromUnits(
    value / 10n ** BigInt(fine - (type.kind === 'decimal' ? type.scale : 0)),
    type.kind === 'decimal' ? type.scale : 0,
  )
}

/** Rounded half away from zero. */
function quotient(numerator: bigint | undefined, denominator: bigint | undefined, scale: number): Value {
  if (numerator === undefined || denominator === undefined || denominator === 0n) return null
  const negative = numerator < 0n !== denominator < 0n
  const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator]
  const rounded = (2n * n * 10n ** BigInt(scale) + d) / (2n * d)
  return decimalFromUnits(negative ? -rounded : rounded, scale)
}
