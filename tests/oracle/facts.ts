import { parse, rescale } from './decimal.js'
import type { OracleEntity, OracleRow, OracleSource } from './input.js'

/** What the models need of a sale, amounts in hundredths. */
export interface SaleFact {
  readonly row: OracleRow
  readonly id: string
  readonly date: string
  readonly completed: boolean
  readonly total: bigint
}

export interface LineFact {
  readonly row: OracleRow
  readonly saleId: string
  readonly productId: string
  readonly sale: SaleFact | undefined
  readonly quantity: bigint
  readonly total: bigint
  /** In hundredths, undefined where no cost is known; so the margins. */
  readonly cost: bigint | undefined
  readonly grossMargin: bigint | undefined
  readonly netMargin: bigint | undefined
}

export const rowsOf = (source: OracleSource, entity: OracleEntity): readonly OracleRow[] =>
  source.entities[entity] ?? []

export function needed(row: OracleRow, column: string): string {
  const value = row[column]
  if (value === null || value === undefined) throw new Error(`${column} is missing in ${JSON.stringify(row)}`)
  return value
}

export const money = (row: OracleRow, column: string): bigint => parse(needed(row, column), 2)

export function saleFacts(source: OracleSource): SaleFact[] {
  return rowsOf(source, 'sales').map((row) => ({
    row,
    id: needed(row, 'sale_id'),
    date: needed(row, 'order_date'),
    completed: needed(row, 'sale_status') === 'completed',
    total: money(row, 'total_amount'),
  }))
}

/** A line's total is computed anew, never read. */
export function lineFacts(source: OracleSource, sales: readonly SaleFact[]): LineFact[] {
  const saleOf = new Map(sales.map((sale) => [sale.id, sale]))
  const costOf = new Map(rowsOf(source, 'products').map((row) => [needed(row, 'product_id'), row.cost_price]))
  return rowsOf(source, 'sale_items').map((row) => {
    const productId = needed(row, 'product_id')
    const quantity = BigInt(needed(row, 'quantity'))
    const price = quantity * parse(needed(row, 'unit_price'), 4)
    const tax = money(row, 'tax_amount')
    const total = rescale(price - money(row, 'discount_amount') * 100n + tax * 100n, 4, 2)
    const unitCost = row.unit_cost ?? costOf.get(productId) ?? undefined
    const cost = unitCost === undefined ? undefined : quantity * parse(unitCost, 4)
    return {
      row,
      saleId: needed(row, 'sale_id'),
      productId,
      sale: saleOf.get(needed(row, 'sale_id')),
      quantity,
      total,
      cost: cost === undefined ? undefined : rescale(cost, 4, 2),
      grossMargin: cost === undefined ? undefined : rescale(price - cost, 4, 2),
      netMargin: cost === undefined ? undefined : rescale((total - tax) * 100n - cost, 4, 2),
    }
  })
}

/** The date that the source speaks for; undefined without a sale and a return. */
export function asOfDate(source: OracleSource): string | undefined {
  if (source.asOf !== undefined) return source.asOf
  const dates = [
    ...rowsOf(source, 'sales').map((row) => needed(row, 'order_date')),
    ...rowsOf(source, 'returns').map((row) => needed(row, 'return_date')),
  ]
  return dates.sort().at(-1)
}

export const total = <T>(items: readonly T[], amount: (item: T) => bigint): bigint =>
  items.reduce((sum, item) => sum + amount(item), 0n)

export function groupBy<T>(items: readonly T[], key: (item: T) => string | null | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const name = key(item)
    if (name === null || name === undefined) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return groups
}
