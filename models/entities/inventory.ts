import { integer, required, rowCheck, text, timestamp } from '../columns.js'
import type { Entity } from '../types.js'

export const inventory: Entity = {
  name: 'inventory',
  description: 'Stock as last counted: one row per stock record of a product in a store.',
  key: ['inventory_id'],
  columns: [
    required('inventory_id', text, 'Key of the stock record.'),
    required('product_id', text, 'What is in stock.', 'products'),
    required('store_id', text, 'Where it is.', 'stores'),
    required('stock_quantity', integer, 'Units in stock.'),
    required('reorder_level', integer, 'Units at or below which the product is to be ordered again.'),
    required('last_updated_at', timestamp, 'When the stock was last counted.'),
  ],
  rowChecks: [
    rowCheck('stock_not_negative', 'stock_quantity >= 0', 'Stock is not negative.', 'warn'),
    rowCheck('reorder_level_not_negative', 'reorder_level >= 0', 'The reorder level is not negative.', 'warn'),
  ],
}
