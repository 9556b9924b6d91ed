import type { GoldModel } from '../../models/types.js'
import { dateDimensions, type GroupDimension } from '../../warehouses/compiler/group-query.js'
import type { Filter } from '../../warehouses/compiler/query.js'
import type { DateGrain } from '../../warehouses/contract/dialect.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { fieldOf } from '../naming/fields.js'
import { columnsIn } from '../rows/filter.js'
import { type Bounds, plainBounds } from './bounds.js'
import { addDays, addMonths, daysBetween, isMonthEnd, monthStart, monthsOf, periodEnd } from './calendar.js'
import { isDate } from './measures.js'

export interface ComparisonInput {
  readonly months?: number | null
  readonly years?: number | null
  readonly previousPeriod?: boolean | null
}

/** What groups are compared with: the same groups of an earlier time. */
export interface Comparison {
  /** The date that time is told by. */
  readonly column: string
  /** Its dimension, where groups are of periods. */
  readonly dimension?: GroupDimension
  /** Conditions on rows, the date left out. */
  readonly others: readonly Filter[]
  /** The days that are compared with, both included; open where the question is. */
  readonly bounds: Bounds
  /** First day of the period that a period is compared with. */
  shift(period: string): string
}

/**
 * Reads `compareTo` of a question. `where` may hold the date only in conditions that hold all together (gte, gt, lte, lt, eq, between): from them the
 * days to compare with are told. Throws COMPARISON_INVALID.
 */
export function readComparison(
  model: GoldModel,
  input: ComparisonInput,
  dimensions: readonly GroupDimension[],
  where: Filter | undefined,
): Comparison {
  const [dimension, ...more] = dateDimensions(model, dimensions)
  if (more.length > 0) throw invalid('compares periods of one date: select it once, with one grain')
  const column = dimension?.column ?? model.columns.find((each) => each.role === 'dimension' && isDate(each))?.name
  if (column === undefined) throw invalid(`needs a date, and ${fieldOf(model.name)} has none`)
  const { bounds, others } = split(where, column)
  const shift = inCalendar(() => shifter(input, dimension?.grain, bounds, column))
  return {
    ...{ column, ...(dimension && { dimension }), others, bounds: shift.bounds },
    shift: (period) => inCalendar(() => shift.period(period)),
  }
}

function inCalendar<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof RangeError ? invalid('goes back before the year 1') : error
  }
}

/** Throws for a condition on the date that is no plain range. */
function split(where: Filter | undefined, column: string): { bounds: Bounds; others: readonly Filter[] } {
  const { bounds, others } = plainBounds(where, column)
  if (others.every((part) => !columnsIn(part).includes(column))) return { bounds, others }
  throw invalid(
    `can shift a range of ${fieldOf(column)} only: give it with gte, gt, lte, lt, eq or between, outside of \`or\` and \`not\``,
  )
}

interface Shift {
  readonly bounds: Bounds
  period(period: string): string
}

function shifter(input: ComparisonInput, grain: DateGrain | undefined, bounds: Bounds, column: string): Shift {
  const given = Object.entries(input).filter(([, value]) => value !== null && value !== undefined && value !== false)
  const [[how, amount] = ['', 0], ...more] = given
  if (how === '' || more.length > 0) throw invalid('takes one of `months`, `years` and `previousPeriod: true`')
  // A range that is open on one side stays open when it is shifted: the whole would be compared with itself.
  if (grain === undefined && !(bounds.from && bounds.to))
    throw invalid(
      `compares a whole with another time: give ${fieldOf(column)} a beginning and an end in \`where\`, or select it with a grain`,
    )
  if (how === 'previousPeriod') return previous(grain, bounds)
  const count = Number(amount)
  if (!Number.isInteger(count) || count < 1 || count > 1200) throw invalid(`takes 1 to 1200 ${how}`)
  const months = how === 'years' ? 12 * count : count
  if (grain === 'week')
    throw invalid('cannot shift weeks by months or years: use `previousPeriod: true`, or group by DAY')
  if (grain !== undefined && grain !== 'day' && months % monthsOf[grain] !== 0)
    throw invalid(`shifts a ${grain} by whole ${grain}s only: ${months} months are none`)
  return byMonths(months, bounds)
}

/** A month that the range holds as a whole is compared with the other as a whole, and the last day of a month alone with the last day of the other. */
function byMonths(months: number, { from, to }: Bounds): Shift {
  const back = (day: string): string => addMonths(day, -months)
  const ending = (day: string): string => periodEnd(monthStart(back(day)), 'month')
  const isOneDay = from !== undefined && from === to && isMonthEnd(from)
  const endsWhole = to !== undefined && isMonthEnd(to) && (from === undefined || from <= monthStart(to))
  return {
    bounds: {
      ...(from && { from: isOneDay ? ending(from) : back(from) }),
      ...(to && { to: isOneDay || endsWhole ? ending(to) : back(to) }),
    },
    period: back,
  }
}

function previous(grain: DateGrain | undefined, bounds: Bounds): Shift {
  const { from, to } = bounds
  if (grain === 'day' || grain === 'week') {
    const days = grain === 'day' ? 1 : 7
    const back = (day: string): string => addDays(day, -days)
    return { bounds: { ...(from && { from: back(from) }), ...(to && { to: back(to) }) }, period: back }
  }
  if (grain !== undefined) return byMonths(monthsOf[grain], bounds)
  if (!from || !to) throw new Error('A whole is compared without a range')
  const last = addDays(from, -1)
  const wholeMonths = from.endsWith('-01') && isMonthEnd(to)
  const months =
    12 * (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) + Number(to.slice(5, 7)) - Number(from.slice(5, 7)) + 1
  const first = wholeMonths ? addMonths(from, -months) : addDays(from, -1 - daysBetween(from, to))
  return { bounds: { from: first, to: last }, period: (period) => period }
}

const invalid = (reason: string): GoldgateError => new GoldgateError('COMPARISON_INVALID', `\`compareTo\` ${reason}.`)
