import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGoldOf } from '../equal/compare.js'
import { OneShop } from './one-shop.js'
import { type Order, orderLine, ordersHeader } from './shop.js'
import { shopOf } from './shop-gold.js'

const good = (id: number): Order => ({
  ...{ order: `000${id}`, version: 1, day: `2024-02-0${id}`, status: 'completed' },
  ...{ product: id % 2 === 0 ? '0101' : '0102', quantity: id },
})

/** Hostile records, each between two good ones, with the reason and column of the sale that they do not become. */
const hostile: readonly (readonly [Buffer | string, reason: string, column?: string])[] = [
  [Buffer.from('91,1,2024-02-01,compl\xe9t\xff,0101,1,2.50,2.50', 'latin1'), 'INVALID_ENCODING'],
  ['92,1,2024-02-01,completed,01\x0001,1,2.50,2.50', 'NUL_CHARACTER'],
  ['93,1,2024-02-01,"completed,0101,1,2.50,2.50', 'UNCLOSED_QUOTE'],
  ['94,1,2024-02-01,completed,0101', 'TOO_FEW_FIELDS'],
  ['95,1,2024-02-01,completed,0101,1,2.50,two fifty', 'NOT_TYPED', 'total_amount'],
  ['96,1,2024-02-31,completed,0101,1,2.50,2.50', 'NOT_TYPED', 'ordered_at'],
  ['97,1,2024-02-01,lost,0101,1,2.50,2.50', 'NOT_IN_LIST', 'sale_status'],
  [',1,2024-02-01,completed,0101,1,2.50,2.50', 'REQUIRED_MISSING', 'sale_id'],
]

describe('hostile rows between good ones', () => {
  let one: OneShop
  const orders = [...hostile.keys()].map((index) => good(index + 1))

  beforeAll(async () => {
    one = await OneShop.create()
    const lines = orders.flatMap((order, index) => [orderLine(order), hostile[index]?.[0] ?? ''])
    await one.shop.deliver('orders/hostile.csv', [ordersHeader, ...lines])
  })
  afterAll(() => one?.remove())

  it('go to quarantine one by one, and every other row is loaded', async () => {
    const run = await one.run()
    expect(run).toMatchObject({ status: 'published', failedSources: [] })
    // An item of a hostile sale that can be read is kept, and the sale it lacks reported.
    const lines = await expectGoldOfShop()
    expect(lines).toBe(orders.length + 3)
  })

  it('are told of by status: reason, column, place and text', async () => {
    const { quarantine } = await one.app.status()
    for (const [index, [text, reason, column]] of hostile.entries()) {
      const line = quarantine.find(
        (each) => each.entity === 'sales' && each.reason === reason && each.column === column,
      )
      expect(line, `${reason} ${column}`).toMatchObject({ source: 'shop', dataset: 'orders', rows: 1 })
      expect(line?.example.object).toMatch(/^bronze\/shop\/orders\/dt=.*\/orders\/hostile\.csv$/)
      expect(line?.example.row).toBe(index * 2 + 2)
      expect(line?.example.text.slice(0, 15)).toBe(text.toString().slice(0, 15))
    }
  })

  it('are told of once for each entity that misses them', async () => {
    const { quarantine } = await one.app.status()
    const named = quarantine.map(({ entity, reason, column }) => [entity, reason, column].join(' '))
    expect(new Set(named).size).toBe(named.length)
    const unreadable = quarantine.filter((each) => each.reason === 'UNCLOSED_QUOTE').map((each) => each.entity)
    expect(unreadable).toEqual(['sale_items', 'sales'])
  })

  it('stay told of while the batch that left them is in use, and no longer', async () => {
    await one.shop.deliverOrders('later', [{ ...good(1), order: '0100' }])
    expect((await one.run()).quarantine).toEqual([])
    expect((await one.app.status()).quarantine.length).toBeGreaterThan(0)
  })

  /** The lines of hostile sales are in order_lines of their product: only the sale could not be typed. */
  async function expectGoldOfShop(): Promise<number> {
    const expected = shopOf(orders)
    const lost = ['95', '96', '97'].map((id) => ({
      ...(expected.entities.sale_items?.[1] ?? {}),
      sale_id: id,
      quantity: '1',
    }))
    const items = [...(expected.entities.sale_items ?? []), ...lost]
    await expectGoldOf(one.installation.config, [
      { ...expected, entities: { ...expected.entities, sale_items: items } },
    ])
    return items.length
  }
})
