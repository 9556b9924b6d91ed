import {
  closedList,
  dimension,
  integer,
  max,
  measure,
  money,
  reference,
  rowCheck,
  sourceDimension,
  sum,
  text,
  timestamp,
} from '../columns.js'
import type { GoldModel } from '../types.js'
import { currency, items } from './units.js'

const stockStatus = closedList('StockStatus', ['out_of_stock', 'low_stock', 'healthy'])

export const inventoryRisk: GoldModel = {
  name: 'inventory_risk',
  description: 'What is in stock, what it is worth, and what runs out: one row per stock record, as last counted.',
  grain: ['source', 'inventory_id'],
  columns: [
    sourceDimension,
    dimension('inventory_id', text, 'Key of the stock record.'),
    dimension('product_id', text, 'The product in stock.'),
    dimension('product_name', text, 'Name of the product. NULL where the product’s row is missing.', {
      nullable: true,
    }),
    dimension('category', text, 'Category of the product. NULL where the product’s row is missing.', {
      nullable: true,
    }),
    dimension('store_id', text, 'The store that holds the stock.'),
    dimension('store_name', text, 'Name of the store. NULL where the store’s row is missing.', { nullable: true }),
    dimension('region', text, 'Sales region of the store.', { nullable: true }),
    dimension(
      'stock_status',
      stockStatus,
      'out_of_stock: stock_quantity of 0 or less. low_stock: at or below reorder_level. healthy: above it.',
    ),
    measure('stock_quantity', integer, sum, 'Units in stock.', { unit: items }),
    measure('reorder_level', integer, sum, 'Units at or below which the product is to be ordered again.', {
      unit: items,
    }),
    measure(
      'estimated_stock_value',
      money,
      sum,
      'stock_quantity × the product’s cost_price, rounded to money in each row. NULL where the cost is not known.',
      { unit: currency, nullable: true },
    ),
    measure('last_updated_at', timestamp, max, 'When the stock was last counted.'),
  ],
  defaultOrder: [{ column: 'inventory_id', direction: 'asc' }],
  rowChecks: [
    rowCheck(
      'status_fits_quantity',
      "(stock_status = 'out_of_stock' AND stock_quantity <= 0) OR (stock_status = 'low_stock' AND stock_quantity > 0 AND stock_quantity <= reorder_level) OR (stock_status = 'healthy' AND stock_quantity > 0 AND stock_quantity > reorder_level)",
      'stock_status is what its formula says.',
    ),
  ],
  references: [
    reference(
      'product',
      'product_id',
      'product_sales_performance',
      'How the product sells. NULL where nothing is known of it.',
      ['inventory', 'The stock records of the product.'],
    ),
    reference('store', 'store_id', 'store_performance', 'What the store sells. NULL where nothing is known of it.', [
      'inventory',
      'The stock records of the store.',
    ]),
  ],
}
