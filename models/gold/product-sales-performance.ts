import {
  dimension,
  integer,
  measure,
  money,
  ratio,
  ratioType,
  rowCheck,
  rowOnly,
  sourceDimension,
  sum,
  text,
  total,
} from '../columns.js'
import type { GoldModel } from '../types.js'
import { currency, items, lines, orders, quotient, returned } from './units.js'

const missing = 'NULL where the product’s row is missing.'

export const productSalesPerformance: GoldModel = {
  name: 'product_sales_performance',
  description:
    'What each product sold, earned and got back. Products without sales have their row with zeros; a product that only lines or returns mention has NULL attributes.',
  grain: ['source', 'product_id'],
  columns: [
    sourceDimension,
    dimension('product_id', text, 'Key of the product.'),
    dimension('product_name', text, `Name of the product. ${missing}`, { nullable: true }),
    dimension('category', text, `Category of the product. ${missing}`, { nullable: true }),
    dimension('subcategory', text, 'Subcategory within the category.', { nullable: true }),
    dimension('brand', text, 'Brand of the product.', { nullable: true }),
    measure('units_sold', integer, sum, 'Sum of quantity over the lines of completed sales.', { unit: items }),
    measure('order_lines', integer, sum, 'Number of lines of sales of any status.', { unit: lines }),
    measure('gross_revenue', money, sum, 'Sum of line_total over lines of sales of any status, before refunds.', {
      unit: currency,
    }),
    measure('net_revenue', money, sum, 'Sum of line_total over lines of completed sales, before refunds.', {
      unit: currency,
    }),
    measure(
      'estimated_gross_margin',
      money,
      sum,
      'Sum of (unit_price − unit_cost) × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. Lines of unknown cost add nothing; NULL where no completed line’s cost is known, 0 where there is no completed line.',
      { unit: currency, nullable: true },
    ),
    measure(
      'net_margin',
      money,
      sum,
      'Sum of line_total − tax_amount − unit_cost × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. Lines of unknown cost add nothing; NULL where no completed line’s cost is known, 0 where there is no completed line.',
      { unit: currency, nullable: true },
    ),
    measure(
      'return_count',
      integer,
      sum,
      'Number of returns that name the product, whatever the status of their sales. NULL where the source has no returns at all.',
      { unit: returned, nullable: true },
    ),
    measure(
      'total_orders',
      integer,
      rowOnly,
      'Number of distinct sales with a line of the product, any status. A sale of two products counts for both, so it does not add up.',
      { unit: orders },
    ),
    measure(
      'return_rate',
      ratioType,
      ratio(['return_count'], 'order_lines', 4),
      'return_count / order_lines: returns for each line of a sale of any status. NULL where there is no line, or the source has no returns at all.',
      { unit: quotient, nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'product_id', direction: 'asc' }],
  rowChecks: [
    rowCheck('orders_within_lines', 'total_orders <= order_lines', 'Every sale counted has at least one line.'),
    rowCheck('counts_not_negative', 'order_lines >= 0 AND return_count >= 0', 'Counts are not negative.'),
  ],
  totals: [
    total(
      'category_total',
      'category',
      'All products of the category, added up. NULL where the category is not known.',
    ),
  ],
}
