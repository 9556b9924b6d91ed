import type { DateGrain } from '../../warehouses/contract/dialect.js'

/** Calendar arithmetic on days as "YYYY-MM-DD". Throws a RangeError for what is before the year 1 or after 9999. */
export function addDays(day: string, days: number): string {
  const date = parsed(day)
  date.setUTCDate(date.getUTCDate() + days)
  return written(date)
}

/** The same day of another month, or that month's last day where it is shorter. */
export function addMonths(day: string, months: number): string {
  const date = parsed(day)
  const dayOfMonth = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  date.setUTCDate(Math.min(dayOfMonth, lengthOfMonth(date)))
  return written(date)
}

export const daysBetween = (from: string, to: string): number =>
  (parsed(to).getTime() - parsed(from).getTime()) / 86_400_000

/** How many periods hold a day of a range. */
export function periodsIn(from: string, to: string, grain: DateGrain): number {
  const index = (day: string): number => {
    const days = daysBetween(monday, day)
    if (grain === 'day') return days
    if (grain === 'week') return Math.floor(days / 7)
    const months = 12 * Number(day.slice(0, 4)) + Number(day.slice(5, 7)) - 1
    return Math.floor(months / monthsOf[grain])
  }
  return Math.max(0, index(to) - index(from) + 1)
}

const monday = '1970-01-05'

export function isMonthEnd(day: string): boolean {
  const date = parsed(day)
  return date.getUTCDate() === lengthOfMonth(date)
}

/** Months of the periods that are whole months. */
export const monthsOf = { month: 1, quarter: 3, year: 12 } as const

/** The last day of a period that begins on this day. */
export function periodEnd(start: string, grain: DateGrain): string {
  if (grain === 'day') return start
  return grain === 'week' ? addDays(start, 6) : addDays(addMonths(start, monthsOf[grain]), -1)
}

export const monthStart = (day: string): string => `${day.slice(0, 7)}-01`

function lengthOfMonth(date: Date): number {
  const next = new Date(date)
  next.setUTCDate(1)
  next.setUTCMonth(next.getUTCMonth() + 1)
  next.setUTCDate(0)
  return next.getUTCDate()
}

const parsed = (day: string): Date => new Date(`${day}T00:00:00Z`)

function written(date: Date): string {
  const year = date.getUTCFullYear()
  if (!(year >= 1 && year <= 9999)) throw new RangeError('A day lies in the years 1 to 9999.')
  return date.toISOString().slice(0, 10)
}
