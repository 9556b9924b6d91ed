import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, parse, rescale } from '../oracle/decimal.js'
import type { OracleRow, OracleSource } from '../oracle/input.js'

/** What the files of Global Electronics say, read by plain code that shares nothing with the mapping. */
export async function readGlobalElectronics(folder: string): Promise<OracleSource> {
  const read = async (file: string, decode = utf8) => records(decode(await readFile(join(folder, file))))
  const products = (await read('Products.csv')).map((row) => ({
    product_id: row('ProductKey'),
    product_name: row('Product Name'),
    category: row('Category'),
    subcategory: row('Subcategory'),
    brand: row('Brand'),
    cost_price: amount(row('Unit Cost USD')),
    selling_price: amount(row('Unit Price USD')),
    is_active: 'true',
  }))
  const customers = (await read('Customers.csv', windows1252)).map((row) => ({
    customer_id: row('CustomerKey'),
    customer_name: row('Name'),
    gender: row('Gender'),
    birth_date: date(row('Birthday')),
    city: row('City'),
    state: row('State'),
    country: row('Country'),
    continent: row('Continent'),
  }))
  const rates = new Map(
    (await read('Exchange_Rates.csv')).map((row) => [`${row('Date')} ${row('Currency')}`, row('Exchange')]),
  )
  const stores = (await read('Stores.csv')).map((row) => {
    const online = row('StoreKey') === '0'
    return {
      store_id: row('StoreKey'),
      store_name: online ? 'Online' : `${row('Country')}, ${row('State')}`,
      store_type: online ? 'online' : 'physical',
      country: online ? null : row('Country'),
    }
  })
  return {
    source: 'global-electronics',
    entities: { products, customers, stores, ...orders(await read('Sales.csv'), products, rates) },
  }
}

function orders(lines: readonly Fields[], products: readonly OracleRow[], rates: ReadonlyMap<string, string>) {
  const priceOf = new Map(products.map((row) => [row.product_id, row]))
  const totals = new Map<string, { line: Fields; total: bigint }>()
  const items = lines.map((line) => {
    const product = priceOf.get(line('ProductKey'))
    if (!product) throw new Error(`There is no product ${line('ProductKey')}`)
    const order = totals.get(line('Order Number')) ?? { line, total: 0n }
    order.total += BigInt(line('Quantity')) * parse(String(product.selling_price), 4)
    totals.set(line('Order Number'), order)
    return {
      sale_id: line('Order Number'),
      line_number: line('Line Item'),
      product_id: line('ProductKey'),
      quantity: line('Quantity'),
      unit_price: product.selling_price ?? null,
      unit_cost: product.cost_price ?? null,
      discount_amount: '0',
      tax_amount: '0',
    }
  })
  const sales = [...totals].map(([id, { line, total }]) => ({
    sale_id: id,
    customer_id: line('CustomerKey'),
    store_id: line('StoreKey'),
    campaign_id: null,
    sale_status: 'completed',
    channel: line('StoreKey') === '0' ? 'online' : 'in_store',
    ordered_at: midnightInNewYork(date(line('Order Date'))),
    order_date: date(line('Order Date')),
    delivered_on: line('Delivery Date') === '' ? null : date(line('Delivery Date')),
    currency: line('Currency Code'),
    exchange_rate: rates.get(`${line('Order Date')} ${line('Currency Code')}`) ?? null,
    discount_amount: '0',
    tax_amount: '0',
    shipping_amount: '0',
    total_amount: format(rescale(total, 4, 2), 2),
  }))
  return { sales, sale_items: items }
}

const utf8 = (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

/** The bytes 80 to 9F; elsewhere it is Latin-1. Node's own decoder takes Latin-1 for these, too. */
const upper = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

const windows1252 = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (character) => upper[character.charCodeAt(0) - 0x80] ?? '')

/** A record's field by the name of its column. */
type Fields = (column: string) => string

function records(text: string): Fields[] {
  const [header = [], ...rows] = csv(text)
  return rows.map((row) => (column) => {
    const value = row[header.indexOf(column)]
    if (value === undefined) throw new Error(`No ${column} in ${row.join('|')}`)
    return value
  })
}

/** RFC 4180. */
function csv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    if (row.length > 1) rows.push(row)
    row = []
  }
  return rows
}

/** `"$2,899.99 "` → `2899.99`. */
const amount = (text: string): string => text.replace(/[$, ]/g, '')

/** `1/31/2016` → `2016-01-31`. */
function date(text: string): string {
  const [month = '', day = '', year = ''] = text.split('/')
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

const hourInNewYork = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', hour: '2-digit' })

/** The clocks there are four or five hours behind UTC, and never change at midnight. */
function midnightInNewYork(day: string): string {
  const summer = `${day}T04:00:00Z`
  return Number(hourInNewYork.format(new Date(summer))) === 0 ? summer : `${day}T05:00:00Z`
}
