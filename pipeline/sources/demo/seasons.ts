import { type Calendar, monthOf, weekdayOf } from './calendar.js'
import { createRandom, type Random, weighted } from './random.js'

const weekdayFactors = [0.9, 0.86, 0.9, 1, 1.16, 1.32, 0.98]
const monthFactors = [0.88, 0.84, 0.93, 0.96, 1, 0.98, 0.92, 0.9, 1, 1.06, 1.3, 1.75]
/** Growth of a day's sales from the first to the last day of the range. */
const growth = 0.4
const hourWeights = [4, 2, 1, 1, 1, 2, 6, 14, 26, 40, 52, 56, 50, 48, 50, 54, 60, 68, 74, 78, 70, 50, 26, 10]

/** How many sales each day of the range has; the sum is exactly `sales`. */
export function salesPerDay(sales: number, calendar: Calendar, seed: number): Float64Array {
  const random = createRandom(seed, 'days')
  const days = calendar.to - calendar.from + 1
  const weights = Float64Array.from({ length: days }, (_, index) => {
    const day = calendar.from + index
    const season = (weekdayFactors[weekdayOf(day)] ?? 1) * (monthFactors[monthOf(day)] ?? 1)
    return season * (1 + (growth * index) / days) * (0.9 + 0.2 * random.next())
  })
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let weightSoFar = 0
  let salesSoFar = 0
  return weights.map((weight, index) => {
    weightSoFar += weight
    const reached = index === days - 1 ? sales : Math.floor((weightSoFar / total) * sales)
    const today = reached - salesSoFar
    salesSoFar = reached
    return today
  })
}

/** Ascending instants of `count` sales within the local day: elapsed since its midnight, so that the day is right on 23- and 25-hour days too. */
export function createInstants(calendar: Calendar): (day: number, count: number, random: Random) => Float64Array {
  const drawHour = weighted(hourWeights)
  return (day, count, random) => {
    const midnight = calendar.midnight(day)
    const last = calendar.midnight(day + 1) - midnight - 1
    const instants = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      instants[i] = midnight + Math.min(last, drawHour(random) * 3600 + random.below(3600))
    }
    return instants.sort()
  }
}
