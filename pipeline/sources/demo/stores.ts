import { type Calendar, dateText } from './calendar.js'
import type { Row } from './datasets.js'
import { centsText, idMaker } from './numbers.js'
import type { DemoOptions } from './options.js'
import { createRandom, type Random } from './random.js'
import { places } from './vocabulary.js'

type StoreType = 'physical' | 'online' | 'marketplace' | 'warehouse'

export interface Stores {
  readonly count: number
  id(index: number): string
  /** A store of that type, or any that sells when there is none, or -1 when nothing sells. */
  draw(type: StoreType, random: Random): number
}

/** Repeats every ten stores. */
const types: readonly StoreType[] = ['online', 'physical', 'physical', 'marketplace', 'physical']
  .concat(['warehouse', 'physical', 'physical', 'physical', 'physical'])
  .map((type) => type as StoreType)

export function createStores(options: DemoOptions, calendar: Calendar): { stores: Stores; rows: Iterable<Row> } {
  const count = options.stores
  const random = createRandom(options.seed, 'stores')
  const id = idMaker('ST', count, 3)
  const ofType: Record<StoreType, number[]> = { physical: [], online: [], marketplace: [], warehouse: [] }
  for (let index = 0; index < count; index++) ofType[types[index % types.length] ?? 'physical'].push(index)
  const selling = [...ofType.physical, ...ofType.online, ...ofType.marketplace]

  function* rows(): Generator<Row> {
    for (let index = 0; index < count; index++) yield storeRow(index)
  }

  const storeRow = (index: number): Row => {
    const type = types[index % types.length] ?? 'physical'
    const place = places[index % places.length] ?? random.pick(places)
    const hasFloor = type === 'physical' || type === 'warehouse'
    return [
      id(index),
      storeName(type, place.city, index),
      type,
      random.chance(0.05) ? null : place.region,
      hasFloor ? place.city : null,
      hasFloor ? place.state : null,
      place.country,
      hasFloor && !random.chance(0.1) ? centsText(random.between(8_000, 400_000)) : null,
      random.chance(0.1) ? null : dateText(calendar.from - random.between(30, 5_000)),
    ]
  }

  return {
    stores: {
      count,
      id,
      draw: (type, from) => {
        const candidates = ofType[type].length > 0 ? ofType[type] : selling
        // Squared: the first stores of a type sell most.
        const share = from.next()
        return candidates[Math.floor(candidates.length * share * share)] ?? -1
      },
    },
    rows: rows(),
  }
}

function storeName(type: StoreType, city: string, index: number): string {
  const round = Math.floor(index / places.length)
  const number = round === 0 ? '' : ` ${round + 1}`
  if (type === 'online') return `Online shop${number}, ${city}`
  if (type === 'marketplace') return `Marketplace "${city}"${number}`
  return type === 'warehouse' ? `Warehouse ${city}${number}` : `${city}, Centre${number}`
}
