import type { GoldModel } from '../types.js'
import { campaignRoi } from './campaign-roi.js'
import { customerLifetimeValue } from './customer-lifetime-value.js'
import { dailyRevenue } from './daily-revenue.js'
import { executiveKpis } from './executive-kpis.js'
import { factProductSales } from './fact-product-sales.js'
import { factSales } from './fact-sales.js'
import { inventoryRisk } from './inventory-risk.js'
import { productSalesPerformance } from './product-sales-performance.js'
import { storePerformance } from './store-performance.js'

/** Every Gold model, in the order that people see them. */
export const goldModels: readonly GoldModel[] = [
  dailyRevenue,
  productSalesPerformance,
  customerLifetimeValue,
  storePerformance,
  inventoryRisk,
  campaignRoi,
  executiveKpis,
  factSales,
  factProductSales,
]
