import type { Calendar } from './calendar.js'
import type { Row } from './datasets.js'
import { centsText, idMaker, tenThousandthsText } from './numbers.js'
import type { DemoOptions } from './options.js'
import { createRandom, permutation, type Random, weighted } from './random.js'
import { brands, categories } from './vocabulary.js'

/** What sales and inventory need to know of the products, as flat arrays: a few bytes for each. */
export interface Products {
  readonly count: number
  id(index: number): string
  /** In cents. */
  readonly price: Int32Array
  /** In ten-thousandths, -1 where unknown. */
  readonly cost: Int32Array
  readonly taxPercent: Uint8Array
  /** Few products are in most sales: the share of the n-th best falls like n to the power of -3/4. */
  draw(random: Random): number
}

export function createProducts(options: DemoOptions, calendar: Calendar): { products: Products; rows: Iterable<Row> } {
  const count = options.products
  const random = createRandom(options.seed, 'products')
  const id = idMaker('P', count, 5)
  const price = new Int32Array(count)
  const cost = new Int32Array(count)
  const taxPercent = new Uint8Array(count)
  const byRank = permutation(count, createRandom(options.seed, 'product ranks'))

  function* rows(): Generator<Row> {
    for (let index = 0; index < count; index++) yield productRow(index)
  }

  const drawCategory = weighted(categories.map((category) => category.weight))
  const productRow = (index: number): Row => {
    const category = categories[drawCategory(random)] ?? random.pick(categories)
    const subcategory = random.pick(category.subcategories)
    const brand = random.pick(brands)
    const cents = pricePoint(category.cheapest, category.dearest, random)
    const costPercent = random.between(40, 75)
    price[index] = cents
    cost[index] = random.chance(0.02) ? -1 : cents * costPercent + random.below(100)
    taxPercent[index] = category.taxPercent
    const knownCost = cost[index] ?? -1
    return [
      id(index),
      `${brand} ${random.pick(subcategory.products)} ${random.between(100, 999)}`,
      random.chance(0.02)
        ? null
        : `${category.name.slice(0, 3).toUpperCase()}-${random.between(10_000, 99_999)}-${index + 1}`,
      category.name,
      random.chance(0.03) ? null : subcategory.name,
      random.chance(0.04) ? null : brand,
      random.chance(0.05) ? null : `SUP-${random.between(101, 140)}`,
      knownCost < 0 ? null : tenThousandthsText(knownCost),
      random.chance(0.01) ? null : centsText(cents),
      !random.chance(0.06),
      random.chance(0.03) ? null : calendar.timestampText(calendar.midnight(calendar.from) - random.below(63_072_000)),
    ]
  }

  return {
    products: {
      count,
      id,
      price,
      cost,
      taxPercent,
      draw: (from) => byRank[Math.floor(count * fourthPower(from.next()))] ?? 0,
    },
    rows: rows(),
  }
}

/** Most prices are low, and they end in 9 or 5 cents as shops like them. */
function pricePoint(cheapest: number, dearest: number, random: Random): number {
  const share = random.next()
  const cents = cheapest + Math.floor((dearest - cheapest) * share * share * share)
  return cents - (cents % 100) + (random.chance(0.7) ? 99 : 95)
}

function fourthPower(value: number): number {
  return value * value * value * value
}
