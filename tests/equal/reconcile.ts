import { expect } from 'vitest'
import { format, parse } from '../oracle/decimal.js'
import type { OracleRow, OracleSource } from '../oracle/input.js'
import type { GoldRow } from '../oracle/models.js'
import type { GoldTables } from '../oracle/recompute.js'

/** Hundredths; what is unknown makes the sum unknown. */
function sum(rows: readonly GoldRow[] | readonly OracleRow[], column: string): bigint | null {
  let total = 0n
  for (const row of rows) {
    const value = row[column]
    if (value === null || value === undefined) return null
    total += parse(value, 2)
  }
  return total
}

function cents(rows: readonly GoldRow[] | readonly OracleRow[], column: string): bigint {
  const total = sum(rows, column)
  if (total === null) throw new Error(`${column} is NULL where it is known`)
  return total
}

const shown = (units: bigint | null): string | null => (units === null ? null : format(units, 2))

/**
 * The reconciliations of the retail model to the cent, over the Gold rows of one source. What Gold does not show (shipping, sales
 * without customer, store or campaign, returns without product) is taken from the raw rows.
 */
export function expectReconciled(gold: GoldTables, raw: OracleSource): void {
  const of = (model: string): readonly GoldRow[] => (gold[model] ?? []).filter((row) => row.source === raw.source)
  const days = of('daily_revenue')
  const products = of('product_sales_performance')
  const sales = raw.entities.sales ?? []
  const completed = sales.filter((sale) => sale.sale_status === 'completed')
  const net = cents(days, 'net_revenue')
  const gross = cents(days, 'gross_revenue')
  const same = (what: string, found: bigint | null, expected: bigint | null) =>
    expect(`${what} ${shown(found)}`).toBe(`${what} ${shown(expected)}`)

  same('net by product', cents(products, 'net_revenue'), net - cents(completed, 'shipping_amount'))
  same('gross by product', cents(products, 'gross_revenue'), gross - cents(sales, 'shipping_amount'))
  const without = (column: string, of: readonly OracleRow[]) => of.filter((sale) => !sale[column])
  const rest = (column: string) => cents(without(column, completed), 'total_amount')
  const customers = of('customer_lifetime_value')
  const stores = of('store_performance')
  const campaigns = of('campaign_roi')
  same('net by store', cents(stores, 'net_revenue') + rest('store_id'), net)
  same('gross by store', cents(stores, 'gross_revenue') + cents(without('store_id', sales), 'total_amount'), gross)
  same('net by customer', cents(customers, 'total_spent') + rest('customer_id'), net)
  same('net by campaign', cents(campaigns, 'attributed_revenue') + rest('campaign_id'), net)

  const orders = cents(days, 'total_orders')
  const withOrders = (rows: readonly GoldRow[], measure: string, column: string) =>
    same(`orders by ${column}`, cents(rows, measure) + BigInt(without(column, sales).length) * 100n, orders)
  withOrders(stores, 'total_orders', 'store_id')
  withOrders(customers, 'total_orders', 'customer_id')
  withOrders(campaigns, 'attributed_orders', 'campaign_id')

  const refunds = sum(days, 'refund_total')
  same('after refunds', sum(days, 'revenue_after_refunds'), refunds === null ? null : net - refunds)
  expectSnapshots(of('executive_kpis'), days, same)
  expectNow(of('executive_kpis').at(-1) ?? {}, { days, products, stock: of('inventory_risk'), raw }, same)
}

type Same = (what: string, found: bigint | null, expected: bigint | null) => void

/** Each snapshot holds the running totals of the days through its date. */
function expectSnapshots(snapshots: readonly GoldRow[], days: readonly GoldRow[], same: Same): void {
  expect(snapshots.length).toBeGreaterThan(0)
  for (const snapshot of snapshots) {
    const through = days.filter((day) => String(day.revenue_date) <= String(snapshot.snapshot_date))
    const pairs = [
      ['total_revenue', 'net_revenue'],
      ['total_orders', 'total_orders'],
      ['completed_orders', 'completed_orders'],
      ['refund_amount', 'refund_total'],
    ] as const
    for (const [running, daily] of pairs)
      same(`${running} through ${snapshot.snapshot_date}`, sum([snapshot], running), sum(through, daily))
  }
}

interface Now {
  readonly days: readonly GoldRow[]
  readonly products: readonly GoldRow[]
  readonly stock: readonly GoldRow[]
  readonly raw: OracleSource
}

/** The newest snapshot agrees with the models that show the state of now. */
function expectNow(now: GoldRow, { days, products, stock, raw }: Now, same: Same): void {
  same('revenue to date', sum([now], 'total_revenue'), cents(days, 'net_revenue'))
  const { returns, inventory } = raw.entities
  const unassigned = BigInt((returns ?? []).filter((row) => !row.product_id).length) * 100n
  const returned = returns === undefined ? null : cents(products, 'return_count') + unassigned
  same('returns', sum([now], 'return_count'), returned)
  for (const [column, status] of [
    ['low_stock_items', 'low_stock'],
    ['out_of_stock_items', 'out_of_stock'],
  ] as const) {
    const items = BigInt(stock.filter((row) => row.stock_status === status).length) * 100n
    same(column, sum([now], column), inventory === undefined ? null : items)
  }
}
