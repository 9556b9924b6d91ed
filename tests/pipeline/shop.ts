import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const ordersHeader = 'order,version,day,status,product,quantity,price,total'
export const productsHeader = 'id,name,state,cost'

const csv = `{ csv: { encoding: utf-8, delimiter: ',', quote: '"', newline: lf, header: true } }`

const mapping = `
name: shop
currency: USD
timezone: America/New_York
country: US
datasets:
  products: { files: products.csv, format: ${csv}, columns: [${productsHeader}] }
  orders: { files: 'orders/*.csv', format: ${csv}, columns: [${ordersHeader}] }
entities:
  products: { from: products, mode: full, sql: products.sql }
  sales: { from: orders, mode: append, sql: sales.sql }
  sale_items: { from: orders, mode: append, sql: sale_items.sql }
`

export const selects = {
  products: `SELECT id AS product_id, name AS product_name, NULL AS sku, state AS category, NULL AS subcategory, NULL AS brand,
    NULL AS supplier_id, cost AS cost_price, NULL AS selling_price, TRUE AS is_active, NULL AS created_at, _line
  FROM raw.products`,
  sales: `SELECT "order" AS sale_id, NULL AS customer_id, NULL AS store_id, NULL AS campaign_id, status AS sale_status,
    NULL AS channel, NULL AS payment_method, day || 'T12:00:00Z' AS ordered_at, day AS order_date, NULL AS delivered_on,
    'USD' AS currency, 1 AS exchange_rate, 0 AS discount_amount, 0 AS tax_amount, 0 AS shipping_amount, total AS total_amount,
    version AS _version, _line
  FROM raw.orders`,
  sale_items: `SELECT "order" AS sale_id, 1 AS line_number, product AS product_id, quantity, price AS unit_price,
    NULL AS unit_cost, 0 AS discount_amount, 0 AS tax_amount, version AS _version, _line
  FROM raw.orders`,
}

export interface Order {
  readonly order: string
  readonly version: number
  /** "YYYY-MM-DD" */
  readonly day: string
  readonly status: 'completed' | 'cancelled'
  readonly product: string
  readonly quantity: number
}

/** Everything costs 2.50. */
export const orderTotal = (order: Order): string => (order.quantity * 2.5).toFixed(2)

export function orderLine(order: Order): string {
  const { order: id, version, day, status, product, quantity } = order
  return [id, version, day, status, product, quantity, '2.50', orderTotal(order)].join(',')
}

/** A retailer of its own: CSV files, products delivered whole, orders that only come in addition. */
export class Shop {
  private constructor(
    readonly mappings: string,
    readonly data: string,
  ) {}

  /** `changed`: SELECTs instead of the usual ones. */
  static async create(folder: string, changed: Partial<typeof selects> = {}): Promise<Shop> {
    const shop = new Shop(join(folder, 'mappings'), join(folder, 'shop data'))
    const files = { 'source.yaml': mapping, ...sqlFiles({ ...selects, ...changed }) }
    for (const [name, text] of Object.entries(files)) await write(join(shop.mappings, 'shop', name), text)
    await shop.deliver('products.csv', [productsHeader, '0101,Teapot,NA,1.00', '0102,Cup,NY,0.50'])
    return shop
  }

  /** A line that is a buffer may hold any bytes. */
  async deliver(file: string, lines: readonly (string | Buffer)[]): Promise<void> {
    const bytes = lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])
    await write(join(this.data, file), Buffer.concat(bytes))
  }

  deliverOrders(name: string, orders: readonly Order[]): Promise<void> {
    return this.deliver(`orders/${name}.csv`, [ordersHeader, ...orders.map(orderLine)])
  }

  async remove(file: string): Promise<void> {
    await rm(join(this.data, file), { recursive: true, force: true })
  }
}

function sqlFiles(sql: typeof selects): Record<string, string> {
  return Object.fromEntries(Object.entries(sql).map(([name, text]) => [`${name}.sql`, text]))
}

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
