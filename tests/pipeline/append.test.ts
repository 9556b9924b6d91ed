import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectGoldOf } from '../equal/compare.js'
import type { OracleSource } from '../oracle/input.js'
import { OneShop } from './one-shop.js'
import { type Order, ordersHeader, productsHeader, type Shop, selects } from './shop.js'
import { shopOf } from './shop-gold.js'

/** What comes in one run: files of orders, now and then one that nobody can read. */
interface Arrival {
  readonly files: readonly (readonly Order[])[]
  readonly broken: 'no' | 'empty' | 'without a column'
  /** In the file that replaces the broken one. */
  readonly repaired: Order
}

const order: fc.Arbitrary<Order> = fc.record({
  // Few ids and versions, so that the same order comes again: late, in an older version, or twice in one file.
  order: fc.integer({ min: 1, max: 6 }).map((id) => `00${id}`),
  version: fc.integer({ min: 1, max: 4 }),
  day: fc.integer({ min: 1, max: 28 }).map((day) => `2024-02-${String(day).padStart(2, '0')}`),
  status: fc.constantFrom('completed' as const, 'cancelled' as const),
  product: fc.constantFrom('0101', '0102', '0999'),
  quantity: fc.integer({ min: 1, max: 9 }),
})
const arrival: fc.Arbitrary<Arrival> = fc.record({
  files: fc.array(fc.array(order, { minLength: 1, maxLength: 5 }), { minLength: 0, maxLength: 2 }),
  broken: fc.constantFrom('no' as const, 'no' as const, 'empty' as const, 'without a column' as const),
  repaired: order,
})

describe('orders that come in any sequence of files and runs', () => {
  it('end as the newest version of each, as if all had come at once', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(order, fc.array(arrival, { minLength: 3, maxLength: 3 }), async (first, arrivals) => {
        const all = [{ files: [[first]], broken: 'no', repaired: first } as const, ...arrivals]
        const expected = expectedOf(all.flatMap(ordersOf))
        await inShop(async (one) => {
          for (const [turn, each] of all.entries()) await arrive(one, each, `${turn}`)
          await expectGoldOf(one.installation.config, [expected])
        })
        await inShop(async ({ shop, run, installation }) => {
          for (const [turn, each] of all.entries()) {
            await deliver(shop, each, `${turn}`)
            await repair(shop, each, `${turn}`)
          }
          expect((await run()).status).toBe('published')
          await expectGoldOf(installation.config, [expected])
        })
      }),
      { numRuns: 3, seed: 20_261_121, endOnFailure: true },
    )
  })
})

describe('orders of two deliveries that are conformed together', () => {
  it('are taken in the order of the runs, whatever these are called', async () => {
    const strict = selects.products.replace('cost AS', 'CAST(cost AS DECIMAL(18, 4)) AS')
    const older: Order = {
      ...{ order: '1', version: 1, day: '2024-02-01', status: 'completed' },
      product: '0101',
      quantity: 1,
    }
    const newer = { ...older, quantity: 2 }
    await inShop(
      async ({ shop, run, installation }) => {
        await shop.deliverOrders('x', [older])
        await shop.deliver('products.csv', [productsHeader, '0101,Teapot,NA,unknown', '0102,Cup,NY,0.50'])
        expect((await run({ runId: 'z_first' })).failedSources[0]?.message).toContain('products')
        await shop.deliverOrders('x', [newer])
        await shop.deliver('products.csv', [productsHeader, '0101,Teapot,NA,1.00', '0102,Cup,NY,0.50'])
        expect((await run({ runId: 'a_second' })).failedSources).toEqual([])
        await expectGoldOf(installation.config, [expectedOf([newer])])
      },
      { products: strict },
    )
  })
})

/** One run over what arrived. A file that cannot be read stops it; then the sender replaces the file, and the next run takes it. */
async function arrive({ shop, run }: OneShop, arrival: Arrival, turn: string): Promise<void> {
  await deliver(shop, arrival, turn)
  if (arrival.broken !== 'no') {
    const lines = arrival.broken === 'empty' ? [] : [ordersHeader.replace('quantity', 'amount'), '9,9,9,9,9,9,9,9']
    await shop.deliver(`orders/${turn}z.csv`, lines)
    const failed = await run()
    expect(failed.status).toBe('failed')
    expect(failed.failedSources[0]?.message).toContain(`orders/${turn}z.csv`)
  }
  await repair(shop, arrival, turn)
  const { status, failedSources, warehouses } = await run()
  expect({ failedSources, ok: status !== 'failed', warehouses }).toMatchObject({ failedSources: [], ok: true })
}

async function deliver(shop: Shop, { files }: Arrival, turn: string): Promise<void> {
  for (const [index, orders] of files.entries()) await shop.deliverOrders(`${turn}-${index}`, orders)
}

async function repair(shop: Shop, { broken, repaired }: Arrival, turn: string): Promise<void> {
  if (broken !== 'no') await shop.deliverOrders(`${turn}z`, [repaired])
}

const ordersOf = ({ files, broken, repaired }: Arrival): Order[] => [
  ...files.flat(),
  ...(broken === 'no' ? [] : [repaired]),
]

async function inShop(work: (one: OneShop) => Promise<void>, changed?: Parameters<typeof OneShop.create>[0]) {
  const one = await OneShop.create(changed)
  try {
    await work(one)
  } finally {
    await one.remove()
  }
}

/** The highest version of each order, the last one to come where versions are equal. */
function expectedOf(orders: readonly Order[]): OracleSource {
  const newest = new Map<string, Order>()
  for (const each of orders) if (each.version >= (newest.get(each.order)?.version ?? 0)) newest.set(each.order, each)
  return shopOf([...newest.values()])
}
