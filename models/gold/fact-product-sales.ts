import {
  date,
  dimension,
  integer,
  measure,
  money,
  reference,
  rowCheck,
  sourceDimension,
  sum,
  text,
} from '../columns.js'
import { saleStatus } from '../entities/sales.js'
import type { GoldModel } from '../types.js'
import { currency, items, lines, weekdays } from './units.js'

const product = 'NULL where the product’s row is missing.'
const sale = 'NULL where the sale’s row is missing.'
const store = 'NULL where the sale has no store, or the store’s row is missing.'
const customer = 'NULL where the sale has no customer, or the customer’s row is missing.'
const unknownCost = 'NULL for a completed line of unknown cost, 0 for a line that is not of a completed sale.'

export const factProductSales: GoldModel = {
  name: 'fact_product_sales',
  description:
    'Every line of every sale, with its product, store and customer: revenue, cost and margin by month, country and category, or by any other of its dimensions. A line whose sale is missing has its row too, with nothing known of the sale. Products, stores and customers are as the newest delivery has them.',
  grain: ['source', 'sale_id', 'line_number'],
  columns: [
    sourceDimension,
    dimension('sale_id', text, 'Key of the sale that the line belongs to.'),
    dimension('line_number', integer, 'Number of the line in its sale.'),
    dimension('order_date', date, `Day of the order in the source’s time zone. ${sale}`, { nullable: true }),
    dimension('weekday', integer, `Day of the week of order_date: ${weekdays}. ${sale}`, { nullable: true }),
    dimension('sale_status', saleStatus, `Status of the sale. ${sale}`, { nullable: true }),
    dimension('channel', text, 'Sales channel of the sale.', { nullable: true }),
    dimension('product_id', text, 'What was sold.'),
    dimension('product_name', text, `Name of the product. ${product}`, { nullable: true }),
    dimension('category', text, `Category of the product. ${product}`, { nullable: true }),
    dimension('subcategory', text, 'Subcategory within the category.', { nullable: true }),
    dimension('brand', text, 'Brand of the product.', { nullable: true }),
    dimension('store_id', text, 'Where it was sold. NULL where the source does not know.', { nullable: true }),
    dimension('store_name', text, `Name of the store. ${store}`, { nullable: true }),
    dimension('store_country', text, `Country of the store; a web shop may have none. ${store}`, { nullable: true }),
    dimension('customer_id', text, 'Who bought. NULL where the source does not know.', { nullable: true }),
    dimension('customer_country', text, `Country where the customer lives. ${customer}`, { nullable: true }),
    dimension('customer_segment', text, 'Segment of the customer, as the source assigns it.', { nullable: true }),
    measure('order_lines', integer, sum, 'Number of lines of sales of any status: 1 in each row.', { unit: lines }),
    measure('units_sold', integer, sum, 'Sum of quantity over the lines of completed sales.', { unit: items }),
    measure('gross_revenue', money, sum, 'Sum of line_total over lines of sales of any status, before refunds.', {
      unit: currency,
    }),
    measure(
      'net_revenue',
      money,
      sum,
      'Sum of line_total over lines of completed sales, with tax and without shipping, before refunds.',
      {
        unit: currency,
      },
    ),
    measure(
      'cost_total',
      money,
      sum,
      `Sum of unit_cost × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. ${unknownCost}`,
      { unit: currency, nullable: true },
    ),
    measure(
      'estimated_gross_margin',
      money,
      sum,
      `Sum of (unit_price − unit_cost) × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. ${unknownCost}`,
      { unit: currency, nullable: true },
    ),
    measure(
      'net_margin',
      money,
      sum,
      `Sum of line_total − tax_amount − unit_cost × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. ${unknownCost}`,
      { unit: currency, nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'order_date', direction: 'desc' }],
  rowChecks: [
    rowCheck('one_line', 'order_lines = 1', 'A row is one line.'),
    rowCheck(
      'net_of_completed',
      "(sale_status = 'completed' AND net_revenue = gross_revenue) OR (COALESCE(sale_status, 'missing') <> 'completed' AND net_revenue = 0 AND units_sold = 0 AND cost_total = 0 AND net_margin = 0)",
      'Lines of completed sales earn what they cost the customer, all others nothing.',
    ),
  ],
  references: [
    reference('sale', 'sale_id', 'fact_sales', 'The sale that the line belongs to. NULL where its row is missing.', [
      'lines',
      'The lines of the sale.',
    ]),
    reference('product', 'product_id', 'product_sales_performance', 'The product, with everything it sold.', [
      'lines',
      'The lines that sold the product, in sales of any status.',
    ]),
    reference(
      'store',
      'store_id',
      'store_performance',
      'The store, with everything it sold. NULL where the sale has none.',
    ),
    reference(
      'customer',
      'customer_id',
      'customer_lifetime_value',
      'Who bought, with everything bought so far. NULL where the sale has no customer.',
    ),
  ],
}
