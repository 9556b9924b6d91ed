import { format, parse, quotient, rescale } from './decimal.js'
import { groupBy, type LineFact, lineFacts, money, needed, rowsOf, type SaleFact, saleFacts, total } from './facts.js'
import type { OracleRow, OracleSource } from './input.js'
import { cash, type GoldRow, keyed, pick } from './models.js'

/** Columns of another row under names of their own. */
const renamed = (row: OracleRow | undefined, names: Readonly<Record<string, string>>): GoldRow =>
  Object.fromEntries(Object.entries(names).map(([name, column]) => [name, row?.[column] ?? null]))

const found = (rows: ReadonlyMap<string, OracleRow>, key: string | null | undefined): OracleRow | undefined =>
  key ? rows.get(key) : undefined

/** Sum of what is known; null where there is something and nothing of it is known. */
function knownSum(lines: readonly LineFact[], of: 'cost' | 'grossMargin' | 'netMargin'): bigint | null {
  const known = lines.flatMap((line) => line[of] ?? [])
  return lines.length > 0 && known.length === 0 ? null : total(known, (each) => each)
}

const cashOrNull = (units: bigint | null): string | null => (units === null ? null : cash(units))

export function factSales(source: OracleSource): GoldRow[] {
  const sales = saleFacts(source)
  const linesOf = groupBy(lineFacts(source, sales), (line) => line.saleId)
  const customers = keyed(rowsOf(source, 'customers'), 'customer_id')
  const stores = keyed(rowsOf(source, 'stores'), 'store_id')
  const campaigns = keyed(rowsOf(source, 'campaigns'), 'campaign_id')
  return sales.map((sale) => {
    const { row } = sale
    const customer = found(customers, row.customer_id)
    const store = found(stores, row.store_id)
    const days = row.delivered_on ? dayNumber(row.delivered_on) - dayNumber(sale.date) : null
    return {
      source: source.source,
      sale_id: sale.id,
      order_date: sale.date,
      weekday: weekday(sale.date),
      ...pick(row, ['delivered_on', 'sale_status', 'channel', 'payment_method', 'currency', 'customer_id']),
      age_band: ageBand(customer?.birth_date, sale.date),
      ...renamed(customer, {
        customer_gender: 'gender',
        customer_city: 'city',
        customer_state: 'state',
        customer_country: 'country',
        customer_continent: 'continent',
        customer_loyalty_tier: 'loyalty_tier',
        customer_segment: 'segment',
      }),
      ...pick(row, ['store_id']),
      ...renamed(store, {
        store_name: 'store_name',
        store_type: 'store_type',
        store_region: 'region',
        store_country: 'country',
      }),
      ...pick(row, ['campaign_id']),
      ...renamed(found(campaigns, row.campaign_id), { campaign_name: 'campaign_name' }),
      total_orders: '1',
      completed_orders: sale.completed ? '1' : '0',
      ...saleAmounts(sale, source.entities.sale_items && (linesOf.get(sale.id) ?? [])),
      delivered_orders: days === null ? '0' : '1',
      delivery_days: days === null ? null : String(days),
      average_delivery_days: days === null ? null : quotient(BigInt(days), 1n, 2),
      ...localAmounts(sale, source.entities.sale_items && (linesOf.get(sale.id) ?? [])),
    }
  })
}

/** `lines` is undefined where the source has none at all. */
function saleAmounts(sale: SaleFact, lines: readonly LineFact[] | undefined): GoldRow {
  const sold = sale.completed ? lines : lines && []
  const net = sale.completed ? sale.total : 0n
  return {
    units_sold: sold === undefined ? null : String(total(sold, (line) => line.quantity)),
    gross_revenue: cash(sale.total),
    net_revenue: cash(net),
    discount_total: cash(money(sale.row, 'discount_amount')),
    tax_total: cash(money(sale.row, 'tax_amount')),
    shipping_total: cash(money(sale.row, 'shipping_amount')),
    cost_total: sold === undefined ? null : cashOrNull(knownSum(sold, 'cost')),
    net_margin: sold === undefined ? null : cashOrNull(knownSum(sold, 'netMargin')),
    average_order_value: sale.completed ? cash(net) : null,
  }
}

function localAmounts(sale: SaleFact, lines: readonly LineFact[] | undefined): GoldRow {
  const sold = sale.completed ? lines : lines && []
  const rate = parse(needed(sale.row, 'exchange_rate'), 6)
  const local = (units: bigint | null): string | null => (units === null ? null : cash(rescale(units * rate, 8, 2)))
  return {
    exchange_rate: format(rate, 6),
    net_revenue_local: local(sale.completed ? sale.total : 0n),
    cost_total_local: sold === undefined ? null : local(knownSum(sold, 'cost')),
    net_margin_local: sold === undefined ? null : local(knownSum(sold, 'netMargin')),
  }
}

export function factProductSales(source: OracleSource): GoldRow[] {
  const products = keyed(rowsOf(source, 'products'), 'product_id')
  const customers = keyed(rowsOf(source, 'customers'), 'customer_id')
  const stores = keyed(rowsOf(source, 'stores'), 'store_id')
  return lineFacts(source, saleFacts(source)).map((line) => {
    const sale = line.sale?.row
    const sold = line.sale?.completed ? [line] : []
    const customer = found(customers, sale?.customer_id)
    return {
      source: source.source,
      sale_id: line.saleId,
      line_number: String(BigInt(needed(line.row, 'line_number'))),
      ...pick(sale, ['order_date', 'sale_status', 'channel']),
      weekday: sale ? weekday(needed(sale, 'order_date')) : null,
      product_id: line.productId,
      ...pick(products.get(line.productId), ['product_name', 'category', 'subcategory', 'brand']),
      ...pick(sale, ['store_id']),
      ...renamed(found(stores, sale?.store_id), { store_name: 'store_name', store_country: 'country' }),
      ...pick(sale, ['customer_id']),
      ...renamed(customer, { customer_country: 'country', customer_segment: 'segment' }),
      order_lines: '1',
      units_sold: String(total(sold, (each) => each.quantity)),
      gross_revenue: cash(line.total),
      net_revenue: cash(total(sold, (each) => each.total)),
      cost_total: cashOrNull(knownSum(sold, 'cost')),
      estimated_gross_margin: cashOrNull(knownSum(sold, 'grossMargin')),
      net_margin: cashOrNull(knownSum(sold, 'netMargin')),
    }
  })
}

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000

const weekday = (date: string): string => String(new Date(date).getUTCDay() || 7)

/** Who was born on 29 February has no birthday in other years, and is older on 1 March. */
function ageBand(birth: string | null | undefined, on: string): string | null {
  if (!birth || birth > on) return null
  const hadBirthday = on.slice(5) >= birth.slice(5)
  const age = Number(on.slice(0, 4)) - Number(birth.slice(0, 4)) - (hadBirthday ? 0 : 1)
  if (age < 18) return 'under_18'
  const from = [65, 55, 45, 35, 25, 18].find((lower) => age >= lower) ?? 18
  return from === 65 ? 'from_65' : `from_${from}_to_${from === 18 ? 24 : from + 9}`
}
