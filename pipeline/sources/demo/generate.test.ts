import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DemoDataset, demoDatasetNames } from './datasets.js'
import { generateDemo } from './generate.js'
import type { DemoOptions } from './options.js'
import { exactNumbers, type Raw, readAll, scaled } from './testing/read-generated.js'

let root: string
let data: Record<DemoDataset, Raw[]>

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'demo ü '))
  data = await readAll(await generated('main', exactNumbers))
})

afterAll(() => rm(root, { recursive: true, force: true }))

async function generated(name: string, options: Partial<DemoOptions>): Promise<string> {
  const directory = join(root, name)
  await generateDemo(options, directory)
  return directory
}

const cents = (text: string | null | undefined) => scaled(text, 2)
const ids = (dataset: DemoDataset, column: string) => new Set(data[dataset].map((row) => row[column]))
const share = (rows: readonly Raw[], has: (row: Raw) => boolean) => rows.filter(has).length / rows.length

describe('rows', () => {
  it('are as many as were asked for', () => {
    const count = (dataset: DemoDataset) => data[dataset].length
    expect(demoDatasetNames.slice(0, 5).map(count)).toEqual([100, 500, 20, 12, 2_000])
    expect(count('inventory')).toBe(500)
    expect(count('sale_items') / 2_000).toBeGreaterThan(2.8)
    expect(count('sale_items') / 2_000).toBeLessThan(3.2)
  })

  it('have keys that are unique', () => {
    const keys: [DemoDataset, string[]][] = [
      ['products', ['product_id']],
      ['customers', ['customer_id']],
      ['stores', ['store_id']],
      ['campaigns', ['campaign_id']],
      ['sales', ['sale_id']],
      ['sale_items', ['sale_id', 'line_number']],
      ['inventory', ['inventory_id']],
      ['inventory', ['product_id', 'store_id']],
      ['returns', ['return_id']],
    ]
    for (const [dataset, columns] of keys) {
      const seen = new Set(data[dataset].map((row) => columns.map((column) => row[column]).join(' ')))
      expect([dataset, seen.size]).toEqual([dataset, data[dataset].length])
    }
  })

  it('refer to rows that are there', () => {
    const references: [DemoDataset, string, DemoDataset][] = [
      ['sales', 'customer_id', 'customers'],
      ['sales', 'store_id', 'stores'],
      ['sales', 'campaign_id', 'campaigns'],
      ['sale_items', 'sale_id', 'sales'],
      ['sale_items', 'product_id', 'products'],
      ['inventory', 'product_id', 'products'],
      ['inventory', 'store_id', 'stores'],
      ['returns', 'sale_id', 'sales'],
      ['returns', 'product_id', 'products'],
      ['returns', 'customer_id', 'customers'],
    ]
    for (const [dataset, column, target] of references) {
      const known = ids(target, column)
      const lost = data[dataset].filter((row) => row[column] !== null && !known.has(row[column]))
      expect([dataset, column, lost]).toEqual([dataset, column, []])
    }
    expect(ids('sale_items', 'sale_id').size).toBe(2_000)
  })

  it('have one line each when one is asked for, and any average otherwise', async () => {
    const one = await readAll(await generated('one', { ...exactNumbers, itemsPerSale: 1 }))
    expect(one.sale_items.map((row) => row.sale_id)).toEqual(one.sales.map((row) => row.sale_id))
    const more = await readAll(await generated('more', { ...exactNumbers, itemsPerSale: 2.4 }))
    expect(more.sale_items.length / 2_000).toBeGreaterThan(2.3)
    expect(more.sale_items.length / 2_000).toBeLessThan(2.5)
  })
})

describe('amounts', () => {
  it('add up to the cent, from the line to the sale', () => {
    const sums = new Map<string | null | undefined, { discount: bigint; tax: bigint; total: bigint }>()
    for (const line of data.sale_items) {
      const gross = BigInt(line.quantity ?? 0) * cents(line.unit_price)
      const [discount, tax, total] = [cents(line.discount_amount), cents(line.tax_amount), cents(line.line_total)]
      expect(total).toBe(gross - discount + tax)
      const sum = sums.get(line.sale_id) ?? { discount: 0n, tax: 0n, total: 0n }
      sums.set(line.sale_id, { discount: sum.discount + discount, tax: sum.tax + tax, total: sum.total + total })
    }
    for (const sale of data.sales) {
      const sum = sums.get(sale.sale_id)
      expect(cents(sale.discount_amount)).toBe(sum?.discount)
      expect(cents(sale.tax_amount)).toBe(sum?.tax)
      expect(cents(sale.total_amount) - cents(sale.shipping_amount)).toBe(sum?.total)
    }
  })

  it('of a line are those of its product', () => {
    const products = new Map(data.products.map((row) => [row.product_id, row]))
    for (const line of data.sale_items) {
      const product = products.get(line.product_id)
      if (product?.selling_price) expect(line.unit_price).toBe(product.selling_price)
      if (line.unit_cost) expect(line.unit_cost).toBe(product?.cost_price)
    }
  })

  it('that come back are never more than was paid for the line', () => {
    const paid = new Map<string, bigint>()
    for (const line of data.sale_items) {
      const key = `${line.sale_id} ${line.product_id}`
      paid.set(key, (paid.get(key) ?? 0n) + cents(line.line_total))
    }
    for (const item of data.returns) {
      if (item.sale_id === null || item.product_id === null) continue
      const key = `${item.sale_id} ${item.product_id}`
      const left = (paid.get(key) ?? 0n) - cents(item.refund_amount)
      expect(left).toBeGreaterThanOrEqual(0n)
      paid.set(key, left)
    }
  })

  it('are in another currency at times, with its rate of the day', () => {
    const rates = new Map<string, string | null | undefined>()
    for (const sale of data.sales) {
      if (sale.currency === 'USD') expect(sale.exchange_rate).toBe('1.000000')
      else {
        const key = `${sale.currency} ${sale.order_date}`
        expect(rates.get(key) ?? sale.exchange_rate).toBe(sale.exchange_rate)
        rates.set(key, sale.exchange_rate)
        expect(scaled(sale.exchange_rate, 6)).toBeGreaterThan(0n)
      }
    }
    expect(rates.size).toBeGreaterThan(100)
  })
})

describe('returns', () => {
  it('are of exactly the share of sales that was asked for, some of them several', () => {
    const returned = data.returns.map((row) => row.sale_id).filter((id) => id !== null)
    expect(new Set(returned).size).toBe(160)
    expect(returned.length).toBeGreaterThan(180)
  })

  it('may be none, or of every sale', async () => {
    const none = await generated('none', { ...exactNumbers, returnRate: 0 })
    expect(await readdir(none)).not.toContain('returns.ndjson')
    const all = await readAll(await generated('all', { ...exactNumbers, sales: 300, returnRate: 1 }))
    expect(new Set(all.returns.map((row) => row.sale_id).filter((id) => id !== null)).size).toBe(300)
  })

  it('come after the order', () => {
    const ordered = new Map(data.sales.map((row) => [row.sale_id, row.ordered_at ?? '']))
    for (const item of data.returns) {
      if (item.sale_id) expect((item.returned_at ?? '') >= (ordered.get(item.sale_id) ?? '')).toBe(true)
    }
  })
})

describe('dates', () => {
  const localDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short' })

  it('are the days of the instants in the time zone of the source', () => {
    for (const sale of data.sales) expect(localDay.format(new Date(sale.ordered_at ?? ''))).toBe(sale.order_date)
    for (const item of data.returns) expect(localDay.format(new Date(item.returned_at ?? ''))).toBe(item.return_date)
    expect(share(data.sales, (sale) => !(sale.ordered_at ?? '').startsWith(sale.order_date ?? ''))).toBeGreaterThan(0)
  })

  it.each(['2024-03-31', '2024-10-27'])('are right on %s, when the clock changes', async (day) => {
    const { sales } = await readAll(await generated(`clock ${day}`, { sales: 3_000, from: day, to: day }))
    expect(sales.length).toBe(3_000)
    for (const sale of sales) expect(localDay.format(new Date(sale.ordered_at ?? ''))).toBe(day)
  })

  it('lie in the range, and sales are in the order of their time', () => {
    const inRange = (text: string | null | undefined) =>
      text == null || (text.slice(0, 10) >= '2024-01-01' && text.slice(0, 10) <= '2025-12-31')
    for (const sale of data.sales) expect(inRange(sale.order_date) && inRange(sale.delivered_on)).toBe(true)
    for (const item of data.returns) expect(inRange(item.return_date)).toBe(true)
    for (const stock of data.inventory) expect(inRange(stock.last_updated_at)).toBe(true)
    for (const campaign of data.campaigns) expect(inRange(campaign.start_date) && inRange(campaign.end_date)).toBe(true)
    const times = data.sales.map((sale) => sale.ordered_at)
    expect(times).toEqual([...times].sort())
  })

  it('of a sale fit its campaign and its customer', () => {
    const campaigns = new Map(data.campaigns.map((row) => [row.campaign_id, row]))
    const customers = new Map(data.customers.map((row) => [row.customer_id, row]))
    for (const sale of data.sales) {
      const day = sale.order_date ?? ''
      const campaign = campaigns.get(sale.campaign_id ?? '')
      if (campaign) expect(day >= (campaign.start_date ?? '') && day <= (campaign.end_date ?? '')).toBe(true)
      const signup = customers.get(sale.customer_id ?? '')?.signup_date
      if (signup) expect(day >= signup).toBe(true)
    }
  })
})

describe('the retailer', () => {
  it('has seasons, growth and favourites', async () => {
    const { sales, sale_items } = await readAll(await generated('two years', {}))
    const inMonth = (month: string) => sales.filter((sale) => sale.order_date?.startsWith(month)).length
    expect(inMonth('2024-12') / inMonth('2024-06')).toBeGreaterThan(1.4)
    expect(inMonth('2025-06') / inMonth('2024-06')).toBeGreaterThan(1.1)
    const saturdays = sales.filter((sale) => new Date(sale.order_date ?? '').getUTCDay() === 6).length
    const tuesdays = sales.filter((sale) => new Date(sale.order_date ?? '').getUTCDay() === 2).length
    expect(saturdays / tuesdays).toBeGreaterThan(1.3)
    const topFifth = (keys: readonly (string | null | undefined)[], of: number) => {
      const counts = new Map<unknown, number>()
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
      const best = [...counts.values()].sort((a, b) => b - a).slice(0, of / 5)
      return best.reduce((sum, count) => sum + count, 0) / keys.length
    }
    expect(
      topFifth(
        sale_items.map((line) => line.product_id),
        1_000,
      ),
    ).toBeGreaterThan(0.55)
    const known = sales.map((sale) => sale.customer_id).filter((id) => id !== null)
    expect(topFifth(known, 5_000)).toBeGreaterThan(0.45)
  })

  it('knows all statuses and channels, and not everything', () => {
    const values = (dataset: DemoDataset, column: string) => [...ids(dataset, column)].map(String).sort()
    expect(values('sales', 'sale_status')).toEqual(['cancelled', 'completed', 'pending', 'refunded'])
    expect(values('sales', 'channel')).toEqual(['app', 'marketplace', 'null', 'phone', 'store', 'web'])
    expect(values('stores', 'store_type')).toEqual(['marketplace', 'online', 'physical', 'warehouse'])
    for (const [dataset, column] of [
      ['sales', 'customer_id'],
      ['sales', 'store_id'],
      ['sales', 'campaign_id'],
      ['sales', 'delivered_on'],
      ['sale_items', 'unit_cost'],
      ['products', 'brand'],
      ['customers', 'birth_date'],
      ['customers', 'signup_date'],
      ['returns', 'product_id'],
    ] as const) {
      const unknown = share(data[dataset], (row) => row[column] === null)
      expect([dataset, column, unknown > 0 && unknown < 0.9]).toEqual([dataset, column, true])
    }
    const stock = data.inventory.map((row) => Number(row.stock_quantity) - Number(row.reorder_level))
    expect(stock.some((above) => above <= 0) && stock.some((above) => above > 0)).toBe(true)
    expect(data.inventory.some((row) => Number(row.stock_quantity) <= 0)).toBe(true)
  })
})
