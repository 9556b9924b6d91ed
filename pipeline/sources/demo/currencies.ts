import type { Calendar } from './calendar.js'
import { millionthsText } from './numbers.js'
import { createRandom, type Random, weighted } from './random.js'

const foreign = [
  { code: 'CHF', start: 945_000, weight: 5 },
  { code: 'GBP', start: 856_000, weight: 3 },
  { code: 'PLN', start: 4_320_000, weight: 2 },
  { code: 'EUR', start: 921_000, weight: 6 },
]
const reporting = { code: 'USD', rate: '1.000000' }

export interface PaidIn {
  readonly code: string
  /** Units of it per 1 of the reporting currency, six decimals. */
  readonly rate: string
}

/** What sales are paid in: mostly the reporting currency, otherwise one whose rate wanders by the day. */
export function createCurrencies(calendar: Calendar, seed: number): (day: number, random: Random) => PaidIn {
  const days = calendar.to - calendar.from + 1
  const rates = foreign.map(({ code, start }) => {
    const random = createRandom(seed, `rate ${code}`)
    let rate = start
    return Array.from({ length: days }, () => {
      // Up to 0.3 % a day, pulled back to where it started.
      rate += Math.floor(((random.next() - 0.5) * 6 * rate) / 1000) + Math.floor((start - rate) / 50)
      return { code, rate: millionthsText(rate) }
    })
  })
  const draw = weighted([88, ...foreign.map((currency) => currency.weight)])
  return (day, random) => rates[draw(random) - 1]?.[day - calendar.from] ?? reporting
}
