import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectGoldOf } from '../equal/compare.js'
import type { OracleSource } from '../oracle/input.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { type Order, ordersHeader, orderTotal, productsHeader, Shop, selects } from './shop.js'

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
        await inInstallation(async (installation, shop) => {
          for (const [turn, each] of all.entries()) await arrive(installation, shop, each, `${turn}`)
          await expectGoldOf(installation.config, [expected])
        })
        await inInstallation(async (installation, shop) => {
          for (const [turn, each] of all.entries()) {
            await deliver(shop, each, `${turn}`)
            await repair(shop, each, `${turn}`)
          }
          await run(installation)
          await expectGoldOf(installation.config, [expected])
        })
      }),
      { numRuns: 4, seed: 20_261_121, endOnFailure: true },
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
    await inInstallation(
      async (installation, shop) => {
        await shop.deliverOrders('x', [older])
        await shop.deliver('products.csv', [productsHeader, '0101,Teapot,NA,unknown', '0102,Cup,NY,0.50'])
        expect((await run(installation, 'z_first')).failedSources[0]?.message).toContain('products')
        await shop.deliverOrders('x', [newer])
        await shop.deliver('products.csv', [productsHeader, '0101,Teapot,NA,1.00', '0102,Cup,NY,0.50'])
        expect((await run(installation, 'a_second')).failedSources).toEqual([])
        await expectGoldOf(installation.config, [expectedOf([newer])])
      },
      { products: strict },
    )
  })
})

/** One run over what arrived. A file that cannot be read stops it; then the sender replaces the file, and the next run takes it. */
async function arrive(installation: TestInstallation, shop: Shop, arrival: Arrival, turn: string): Promise<void> {
  await deliver(shop, arrival, turn)
  if (arrival.broken !== 'no') {
    const lines = arrival.broken === 'empty' ? [] : [ordersHeader.replace('quantity', 'amount'), '9,9,9,9,9,9,9,9']
    await shop.deliver(`orders/${turn}z.csv`, lines)
    const failed = await run(installation)
    expect(failed.status).toBe('failed')
    expect(failed.failedSources[0]?.message).toContain(`orders/${turn}z.csv`)
  }
  await repair(shop, arrival, turn)
  const { status, failedSources, warehouses } = await run(installation)
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

async function run(installation: TestInstallation, runId?: string) {
  const app = installation.open()
  try {
    return await app.run(runId === undefined ? {} : { runId }, () => {})
  } finally {
    await app.close()
  }
}

async function inInstallation(
  work: (installation: TestInstallation, shop: Shop) => Promise<void>,
  changed?: Parameters<typeof Shop.create>[1],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'goldgate shop '))
  const shop = await Shop.create(folder, changed)
  const installation = await createInstallation({ sources: { shop: shop.data }, mappings: [shop.mappings] })
  try {
    await work(installation, shop)
  } finally {
    await installation.remove()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The highest version of each order, the last one to come where versions are equal. */
function expectedOf(orders: readonly Order[]): OracleSource {
  const newest = new Map<string, Order>()
  for (const each of orders) if (each.version >= (newest.get(each.order)?.version ?? 0)) newest.set(each.order, each)
  const sales = [...newest.values()]
  return {
    source: 'shop',
    entities: {
      products: [
        { product_id: '0101', product_name: 'Teapot', category: 'NA', cost_price: '1.00', is_active: 'true' },
        { product_id: '0102', product_name: 'Cup', category: 'NY', cost_price: '0.50', is_active: 'true' },
      ],
      sales: sales.map((sale) => ({
        sale_id: sale.order,
        sale_status: sale.status,
        ordered_at: `${sale.day}T12:00:00Z`,
        order_date: sale.day,
        discount_amount: '0',
        tax_amount: '0',
        shipping_amount: '0',
        total_amount: orderTotal(sale),
      })),
      sale_items: sales.map((sale) => ({
        sale_id: sale.order,
        line_number: '1',
        product_id: sale.product,
        quantity: String(sale.quantity),
        unit_price: '2.50',
        discount_amount: '0',
        tax_amount: '0',
      })),
    },
  }
}
