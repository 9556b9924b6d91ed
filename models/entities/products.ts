import { boolean, optional, price, required, rowCheck, text, timestamp } from '../columns.js'
import type { Entity } from '../types.js'

export const products: Entity = {
  name: 'products',
  description: 'What the retailer sells: one row per product.',
  key: ['product_id'],
  columns: [
    required('product_id', text, 'Key of the product.'),
    required('product_name', text, 'Name of the product.'),
    optional('sku', text, 'Stock keeping unit, as the source writes it.'),
    required('category', text, 'Category of the product.'),
    optional('subcategory', text, 'Subcategory within the category.'),
    optional('brand', text, 'Brand of the product.'),
    optional('supplier_id', text, 'Supplier of the product.'),
    optional('cost_price', price, 'What one unit costs the retailer, in the reporting currency.'),
    optional('selling_price', price, 'List price of one unit, in the reporting currency.'),
    required('is_active', boolean, 'Whether the product is on sale now.'),
    optional('created_at', timestamp, 'When the product was created.'),
  ],
  rowChecks: [
    rowCheck('cost_price_not_negative', 'cost_price >= 0', 'The cost price is not negative.', 'warn'),
    rowCheck('selling_price_not_negative', 'selling_price >= 0', 'The selling price is not negative.', 'warn'),
  ],
}
