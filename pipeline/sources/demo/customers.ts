import { type Calendar, dateText } from './calendar.js'
import type { Row } from './datasets.js'
import { idMaker } from './numbers.js'
import type { DemoOptions } from './options.js'
import { createRandom, permutation, type Random, weighted } from './random.js'
import { firstNames, lastNames, places, placeWeights } from './vocabulary.js'

export interface Customers {
  readonly count: number
  id(index: number): string
  /** A customer who has signed up by `day`, or -1 when none was found. Some buy far more often than others. */
  draw(day: number, random: Random): number
}

/** Share of the customers who were there before the first sale. */
const established = 0.4
const drawAttempts = 24

export function createCustomers(
  options: DemoOptions,
  calendar: Calendar,
): { customers: Customers; rows: Iterable<Row> } {
  const count = options.customers
  const random = createRandom(options.seed, 'customers')
  const id = idMaker('C', count, 6)
  const signupDay = new Int32Array(count)
  const byRank = permutation(count, createRandom(options.seed, 'customer ranks'))
  const days = calendar.to - calendar.from + 1

  function* rows(): Generator<Row> {
    for (let index = 0; index < count; index++) yield customerRow(index)
  }

  const drawPlace = weighted(placeWeights)
  const drawTier = weighted([40, 30, 12, 4, 14])
  const drawSegment = weighted([70, 18, 9, 3])
  const customerRow = (index: number): Row => {
    const day = signup(index)
    signupDay[index] = day
    const gender = random.chance(0.5) ? 'female' : 'male'
    const name = `${random.pick(firstNames[gender])} ${random.pick(lastNames)}`
    const place = places[drawPlace(random)] ?? random.pick(places)
    const birthDay = calendar.from - random.between(18 * 365, 80 * 365)
    const key = id(index)
    return [
      key,
      name,
      random.chance(0.06) ? null : `${key.toLowerCase()}@example.com`,
      random.chance(0.3) ? null : `+49 30 ${random.between(1_000_000, 9_999_999)}`,
      random.chance(0.08) ? null : random.chance(0.02) ? 'other' : gender,
      random.chance(0.15) ? null : dateText(birthDay),
      random.chance(0.02) ? null : place.city,
      random.chance(0.05) ? null : place.state,
      random.chance(0.01) ? null : place.country,
      random.chance(0.03) ? null : place.continent,
      // Without a date, a customer counts from the first order: it may then order on any day.
      random.chance(0.02) ? null : dateText(day),
      ['bronze', 'silver', 'gold', 'platinum', null][drawTier(random)] ?? null,
      ['consumer', 'small_business', 'corporate', null][drawSegment(random)] ?? null,
    ]
  }

  const signup = (index: number): number => {
    if (index === 0 || random.chance(established)) return calendar.from - random.below(730)
    return calendar.from + random.below(days)
  }

  return {
    customers: {
      count,
      id,
      draw: (day, from) => {
        for (let attempt = 0; attempt < drawAttempts && count > 0; attempt++) {
          const share = from.next()
          const index = byRank[Math.floor(count * share * share * share)] ?? 0
          if ((signupDay[index] ?? 0) <= day) return index
        }
        return -1
      },
    },
    rows: rows(),
  }
}
