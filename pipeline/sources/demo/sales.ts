import type { Calendar } from './calendar.js'
import type { Campaigns } from './campaigns.js'
import { createCurrencies } from './currencies.js'
import type { Customers } from './customers.js'
import type { Row } from './datasets.js'
import { createLines, type Lines } from './lines.js'
import { centsText, idMaker } from './numbers.js'
import type { DemoOptions } from './options.js'
import type { Products } from './products.js'
import { createRandom, type Random, weighted } from './random.js'
import { createInstants, salesPerDay } from './seasons.js'
import type { Stores } from './stores.js'
import { paymentMethods } from './vocabulary.js'

/** A sale as its returns need it. `lines` is overwritten by the next sale. */
export interface Sale {
  readonly id: string
  readonly customerId: string | null
  readonly orderedAt: number
  readonly orderDay: number
  readonly deliveredDay: number | undefined
  /** Every line is taken back in full. */
  readonly refunded: boolean
  readonly returned: boolean
  readonly lines: Lines
  readonly row: Row
}

const channels = ['web', 'store', 'app', 'marketplace', 'phone'] as const
const storeTypes = {
  web: 'online',
  store: 'physical',
  app: 'online',
  marketplace: 'marketplace',
  phone: 'online',
} as const
const freeShippingFrom = 6_000

export interface SalesParts {
  readonly products: Products
  readonly customers: Customers
  readonly stores: Stores
  readonly campaigns: Campaigns
}

/** The sales in the order of their time, one at a time. */
export function* createSales(options: DemoOptions, calendar: Calendar, parts: SalesParts): Generator<Sale> {
  const random = createRandom(options.seed, 'sales')
  const perDay = salesPerDay(options.sales, calendar, options.seed)
  const instantsOf = createInstants(calendar)
  const currencyOf = createCurrencies(calendar, options.seed)
  const id = idMaker('S', options.sales, 8)
  const lines = createLines(options.itemsPerSale, parts.products)
  const drawChannel = weighted([46, 27, 15, 8, 4])
  const drawPayment = weighted([38, 26, 14, 16, 6])
  const drawStatus = weighted([1_000 - 60 - 10 - 15, 60, 10, 15])
  const statuses = ['completed', 'cancelled', 'refunded', 'pending'] as const
  let toReturn = Math.round(options.returnRate * options.sales)
  let index = 0

  for (let day = calendar.from; day <= calendar.to; day++) {
    for (const orderedAt of instantsOf(day, perDay[day - calendar.from] ?? 0, random)) yield sale(day, orderedAt)
  }

  function sale(day: number, orderedAt: number): Sale {
    const channel = channels[drawChannel(random)] ?? 'web'
    // Selection sampling: exactly the share of sales, spread evenly, without remembering any.
    const returned = random.next() * (options.sales - index) < toReturn
    if (returned) toReturn--
    const deliveryDay = channel === 'store' ? undefined : day + random.between(1, 7)
    const late = deliveryDay !== undefined && deliveryDay > calendar.to
    const drawn = statuses[drawStatus(random)] ?? 'completed'
    const status = returned
      ? random.chance(0.3)
        ? 'refunded'
        : 'completed'
      : late && drawn === 'completed'
        ? 'pending'
        : drawn
    const delivered = deliveryDay !== undefined && (status === 'completed' || status === 'refunded')
    const deliveredDay = delivered ? Math.min(deliveryDay, calendar.to) : undefined

    const campaign = random.chance(0.28) ? parts.campaigns.draw(day, random) : -1
    const customer = random.chance(channel === 'store' ? 0.3 : 0.03) ? -1 : parts.customers.draw(day, random)
    const store = random.chance(0.03) ? -1 : parts.stores.draw(storeTypes[channel], random)
    lines.fill(random, campaign >= 0)
    const shipping = shippingOf(channel, lines.total, random)
    const paidIn = currencyOf(day, random)
    const key = id(index++)
    const customerId = customer < 0 ? null : parts.customers.id(customer)
    const row: Row = [
      key,
      customerId,
      store < 0 ? null : parts.stores.id(store),
      campaign < 0 ? null : parts.campaigns.id(campaign),
      status,
      random.chance(0.01) ? null : channel,
      random.chance(0.02)
        ? null
        : channel === 'store' && random.chance(0.35)
          ? 'cash'
          : (paymentMethods[drawPayment(random)] ?? null),
      calendar.timestampText(orderedAt),
      calendar.dateText(day),
      deliveredDay === undefined ? null : calendar.dateText(deliveredDay),
      paidIn.code,
      paidIn.rate,
      centsText(lines.discountTotal),
      centsText(lines.taxTotal),
      centsText(shipping),
      centsText(lines.total + shipping),
    ]
    return {
      id: key,
      customerId,
      orderedAt,
      orderDay: day,
      deliveredDay,
      refunded: status === 'refunded',
      returned,
      lines,
      row,
    }
  }
}

/** In cents. */
function shippingOf(channel: (typeof channels)[number], merchandise: number, random: Random): number {
  if (channel === 'store') return 0
  if (random.chance(0.05)) return 995
  return merchandise >= freeShippingFrom ? 0 : 495
}
