import type { Calendar } from './calendar.js'
import type { Row } from './datasets.js'
import { idMaker } from './numbers.js'
import type { DemoOptions } from './options.js'
import type { Products } from './products.js'
import { createRandom, type Random } from './random.js'
import type { Stores } from './stores.js'

/** Each row is another product in another store. */
export function* inventoryRows(
  options: DemoOptions,
  calendar: Calendar,
  products: Products,
  stores: Stores,
): Generator<Row> {
  const random = createRandom(options.seed, 'inventory')
  const id = idMaker('I', options.inventory, 6)
  const places = products.count * stores.count
  const step = coprimeNearGoldenRatio(places)
  const end = calendar.midnight(calendar.to + 1)
  const begin = Math.max(calendar.midnight(calendar.from), end - 30 * 86_400)

  let position = random.below(places)
  for (let index = 0; index < options.inventory; index++) {
    const reorderLevel = random.between(5, 50)
    const store = Math.floor(position / products.count)
    yield [
      id(index),
      products.id(position - store * products.count),
      stores.id(store),
      stockQuantity(reorderLevel, random),
      reorderLevel,
      calendar.timestampText(begin + random.below(end - begin)),
    ]
    position = (position + step) % places
  }
}

/** Sometimes none, rarely less than none (sold before it was counted), sometimes little. */
function stockQuantity(reorderLevel: number, random: Random): number {
  const kind = random.next()
  if (kind < 0.01) return -random.between(1, 5)
  if (kind < 0.08) return 0
  return kind < 0.22 ? random.between(1, reorderLevel) : reorderLevel + random.between(1, 300)
}

/** Steps of this size meet every place once before any comes again, and spread well: memory stays flat. */
function coprimeNearGoldenRatio(places: number): number {
  let step = Math.max(1, Math.floor(places * 0.618_033_988_75))
  while (greatestCommonDivisor(step, places) !== 1) step++
  return step
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
