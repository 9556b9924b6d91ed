import { factProductSales, factSales } from './fact-models.js'
import type { OracleSource } from './input.js'
import {
  campaignRoi,
  customerLifetimeValue,
  dailyRevenue,
  executiveKpis,
  type GoldRow,
  inventoryRisk,
  productSalesPerformance,
  storePerformance,
} from './models.js'

export type GoldTables = Readonly<Record<string, readonly GoldRow[]>>

const models: Readonly<Record<string, (source: OracleSource) => GoldRow[]>> = {
  daily_revenue: dailyRevenue,
  product_sales_performance: productSalesPerformance,
  customer_lifetime_value: customerLifetimeValue,
  store_performance: storePerformance,
  inventory_risk: inventoryRisk,
  campaign_roi: campaignRoi,
  executive_kpis: executiveKpis,
  fact_sales: factSales,
  fact_product_sales: factProductSales,
}

/** The models that the oracle knows. */
export const oracleModels: readonly string[] = Object.keys(models)

/**
 * All rows of these models, computed from canonical rows in plain code that shares nothing with the project's SQL.
 * Rows have every column in the model's order, values are canonical text, and each table is ordered by its rows' text.
 */
export function recomputeGold(sources: readonly OracleSource[]): GoldTables {
  return Object.fromEntries(
    Object.entries(models).map(([name, compute]) => [name, inTextOrder(sources.flatMap((source) => compute(source)))]),
  )
}

/** Orders rows by their JSON text, so that two tables can be compared whatever order they were read in. */
export function inTextOrder<T>(rows: readonly T[]): T[] {
  return rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ row }) => row)
}
