import { integer, money, optional, price, required, rowCheck, text } from '../columns.js'
import type { Entity } from '../types.js'

export const saleItems: Entity = {
  name: 'sale_items',
  description: 'The lines of the sales: one row per sale and line number.',
  key: ['sale_id', 'line_number'],
  columns: [
    required('sale_id', text, 'The sale that the line belongs to.', 'sales'),
    required('line_number', integer, 'Number of the line in its sale.'),
    required('product_id', text, 'What was sold.', 'products'),
    required('quantity', integer, 'Units sold.'),
    required('unit_price', price, 'Price of one unit before discount and tax, in the reporting currency.'),
    optional(
      'unit_cost',
      price,
      'Cost of one unit, in the reporting currency; NULL where only the product’s is known.',
    ),
    required('discount_amount', money, 'Discount of the line, in the reporting currency.'),
    required('tax_amount', money, 'Tax of the line, in the reporting currency.'),
    {
      ...required(
        'line_total',
        money,
        'quantity × unit_price − discount_amount + tax_amount, rounded to money; in the reporting currency.',
      ),
      computed: 'ROUND(quantity * unit_price - discount_amount + tax_amount, 2)',
    },
  ],
  rowChecks: [
    rowCheck('quantity_not_zero', 'quantity <> 0', 'A line sells, or takes back, at least one unit.', 'warn'),
    rowCheck('unit_price_not_negative', 'unit_price >= 0', 'The price of a unit is not negative.', 'warn'),
  ],
}
