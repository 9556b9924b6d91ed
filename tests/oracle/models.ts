import { endOfMonth, instant, nextMonth } from './dates.js'
import { format, parse, quotient, rescale } from './decimal.js'
import { asOfDate, groupBy, lineFacts, money, needed, rowsOf, type SaleFact, saleFacts, total } from './facts.js'
import type { OracleRow, OracleSource } from './input.js'

/** A Gold row in canonical text: decimals at their scale, instants at microseconds, NULL as null. */
export type GoldRow = Readonly<Record<string, string | null>>

export const cash = (units: bigint): string => format(units, 2)
const count = (items: readonly unknown[]): string => String(items.length)
const revenue = (sales: readonly SaleFact[]): bigint => total(sales, (sale) => sale.total)
const completed = (sales: readonly SaleFact[]): SaleFact[] => sales.filter((sale) => sale.completed)
const averageOf = (sales: readonly SaleFact[]): string | null =>
  quotient(revenue(completed(sales)), BigInt(completed(sales).length) * 100n, 2)
export const pick = (row: OracleRow | undefined, columns: readonly string[]): GoldRow =>
  Object.fromEntries(columns.map((column) => [column, row?.[column] ?? null]))
export const keyed = (rows: readonly OracleRow[], key: string): Map<string, OracleRow> =>
  new Map(rows.map((row) => [needed(row, key), row]))

export function dailyRevenue(source: OracleSource): GoldRow[] {
  const sales = groupBy(saleFacts(source), (sale) => sale.date)
  const returns = groupBy(rowsOf(source, 'returns'), (row) => row.return_date)
  return [...new Set([...sales.keys(), ...returns.keys()])].map((day) => {
    const all = sales.get(day) ?? []
    const net = revenue(completed(all))
    const refunds =
      source.entities.returns === undefined ? null : total(returns.get(day) ?? [], (row) => money(row, 'refund_amount'))
    return {
      source: source.source,
      revenue_date: day,
      total_orders: count(all),
      completed_orders: count(completed(all)),
      cancelled_orders: count(all.filter((sale) => sale.row.sale_status === 'cancelled')),
      refunded_orders: count(all.filter((sale) => sale.row.sale_status === 'refunded')),
      gross_revenue: cash(revenue(all)),
      net_revenue: cash(net),
      discount_total: cash(total(all, (sale) => money(sale.row, 'discount_amount'))),
      tax_total: cash(total(all, (sale) => money(sale.row, 'tax_amount'))),
      refund_total: refunds === null ? null : cash(refunds),
      revenue_after_refunds: refunds === null ? null : cash(net - refunds),
      average_order_value: averageOf(all),
    }
  })
}

export function productSalesPerformance(source: OracleSource): GoldRow[] {
  const products = keyed(rowsOf(source, 'products'), 'product_id')
  const lines = groupBy(lineFacts(source, saleFacts(source)), (line) => line.productId)
  const returns = groupBy(rowsOf(source, 'returns'), (row) => row.product_id)
  return [...new Set([...products.keys(), ...lines.keys(), ...returns.keys()])].map((id) => {
    const all = lines.get(id) ?? []
    const sold = all.filter((line) => line.sale?.completed === true)
    const returned = source.entities.returns === undefined ? null : BigInt((returns.get(id) ?? []).length)
    const margin = (of: 'grossMargin' | 'netMargin'): string | null => {
      const known = sold.flatMap((line) => line[of] ?? [])
      return sold.length > 0 && known.length === 0 ? null : cash(total(known, (each) => each))
    }
    return {
      source: source.source,
      product_id: id,
      ...pick(products.get(id), ['product_name', 'category', 'subcategory', 'brand']),
      units_sold: String(total(sold, (line) => line.quantity)),
      order_lines: count(all),
      gross_revenue: cash(total(all, (line) => line.total)),
      net_revenue: cash(total(sold, (line) => line.total)),
      estimated_gross_margin: margin('grossMargin'),
      net_margin: margin('netMargin'),
      return_count: returned === null ? null : String(returned),
      total_orders: String(new Set(all.map((line) => line.saleId)).size),
      return_rate: quotient(returned, BigInt(all.length), 4),
    }
  })
}

export function customerLifetimeValue(source: OracleSource): GoldRow[] {
  const customers = keyed(rowsOf(source, 'customers'), 'customer_id')
  const sales = groupBy(saleFacts(source), (sale) => sale.row.customer_id)
  return [...new Set([...customers.keys(), ...sales.keys()])].map((id) => {
    const all = sales.get(id) ?? []
    const instants = all.map((sale) => instant(needed(sale.row, 'ordered_at'))).sort()
    return {
      source: source.source,
      customer_id: id,
      ...pick(customers.get(id), ['customer_name', 'email', 'city', 'country', 'loyalty_tier', 'segment']),
      total_orders: count(all),
      completed_orders: count(completed(all)),
      total_spent: cash(revenue(completed(all))),
      average_order_value: averageOf(all),
      first_order_at: instants[0] ?? null,
      most_recent_order_at: instants.at(-1) ?? null,
    }
  })
}

export function storePerformance(source: OracleSource): GoldRow[] {
  const stores = keyed(rowsOf(source, 'stores'), 'store_id')
  const sales = groupBy(saleFacts(source), (sale) => sale.row.store_id)
  return [...new Set([...stores.keys(), ...sales.keys()])].map((id) => {
    const all = sales.get(id) ?? []
    return {
      source: source.source,
      store_id: id,
      ...pick(stores.get(id), ['store_name', 'store_type', 'region', 'city', 'country']),
      total_orders: count(all),
      completed_orders: count(completed(all)),
      gross_revenue: cash(revenue(all)),
      net_revenue: cash(revenue(completed(all))),
      average_order_value: averageOf(all),
    }
  })
}

function stockStatus(row: OracleRow): string {
  const quantity = BigInt(needed(row, 'stock_quantity'))
  if (quantity <= 0n) return 'out_of_stock'
  return quantity <= BigInt(needed(row, 'reorder_level')) ? 'low_stock' : 'healthy'
}

export function inventoryRisk(source: OracleSource): GoldRow[] {
  const products = keyed(rowsOf(source, 'products'), 'product_id')
  const stores = keyed(rowsOf(source, 'stores'), 'store_id')
  return rowsOf(source, 'inventory').map((row) => {
    const product = products.get(needed(row, 'product_id'))
    const cost = product?.cost_price ?? null
    const quantity = BigInt(needed(row, 'stock_quantity'))
    return {
      source: source.source,
      inventory_id: needed(row, 'inventory_id'),
      product_id: needed(row, 'product_id'),
      ...pick(product, ['product_name', 'category']),
      store_id: needed(row, 'store_id'),
      ...pick(stores.get(needed(row, 'store_id')), ['store_name', 'region']),
      stock_status: stockStatus(row),
      stock_quantity: String(quantity),
      reorder_level: String(BigInt(needed(row, 'reorder_level'))),
      estimated_stock_value: cost === null ? null : cash(rescale(quantity * parse(cost, 4), 4, 2)),
      last_updated_at: instant(needed(row, 'last_updated_at')),
    }
  })
}

export function campaignRoi(source: OracleSource): GoldRow[] {
  const campaigns = keyed(rowsOf(source, 'campaigns'), 'campaign_id')
  const sales = groupBy(saleFacts(source), (sale) => sale.row.campaign_id)
  return [...new Set([...campaigns.keys(), ...sales.keys()])].map((id) => {
    const campaign = campaigns.get(id)
    const budget = campaign === undefined ? null : money(campaign, 'budget')
    const earned = revenue(completed(sales.get(id) ?? []))
    return {
      source: source.source,
      campaign_id: id,
      ...pick(campaign, ['campaign_name', 'channel', 'target_region', 'start_date', 'end_date']),
      budget: budget === null ? null : cash(budget),
      attributed_orders: count(sales.get(id) ?? []),
      attributed_revenue: cash(earned),
      estimated_roi: quotient(budget === null ? null : earned - budget, budget, 4),
    }
  })
}

export function executiveKpis(source: OracleSource): GoldRow[] {
  const asOf = asOfDate(source)
  if (asOf === undefined) return []
  const sales = saleFacts(source)
  const first = sales.map((sale) => sale.date).sort()[0]
  const dates: string[] = []
  for (let month = first; month !== undefined && endOfMonth(month) < asOf; month = nextMonth(month))
    dates.push(endOfMonth(month))
  return [...dates, asOf].map((date) => snapshot(source, sales, date, date === asOf))
}

function snapshot(source: OracleSource, sales: readonly SaleFact[], date: string, isAsOf: boolean): GoldRow {
  const through = sales.filter((sale) => sale.date <= date)
  const returns = source.entities.returns?.filter((row) => needed(row, 'return_date') <= date)
  const { products, inventory } = source.entities
  const stock = (status: string): string | null =>
    isAsOf && inventory !== undefined ? count(inventory.filter((row) => stockStatus(row) === status)) : null
  return {
    source: source.source,
    snapshot_date: date,
    total_revenue: cash(revenue(completed(through))),
    total_orders: count(through),
    completed_orders: count(completed(through)),
    total_customers: count(customerDays(source, sales).filter((day) => day <= date)),
    refund_amount: returns === undefined ? null : cash(total(returns, (row) => money(row, 'refund_amount'))),
    return_count: returns === undefined ? null : count(returns),
    active_products:
      isAsOf && products !== undefined ? count(products.filter((row) => row.is_active === 'true')) : null,
    low_stock_items: stock('low_stock'),
    out_of_stock_items: stock('out_of_stock'),
    average_order_value: averageOf(through),
  }
}

/** The day from which each customer counts, for those that have one. */
function customerDays(source: OracleSource, sales: readonly SaleFact[]): string[] {
  const days = new Map<string, string>()
  for (const sale of sales) {
    const id = sale.row.customer_id
    const known = id ? days.get(id) : undefined
    if (id && (known === undefined || sale.date < known)) days.set(id, sale.date)
  }
  for (const row of rowsOf(source, 'customers'))
    if (row.signup_date) days.set(needed(row, 'customer_id'), row.signup_date)
  return [...days.values()]
}
