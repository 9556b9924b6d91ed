import { date, dimension, integer, last, measure, money, ratio, rowCheck, sourceDimension } from '../columns.js'
import type { GoldModel } from '../types.js'
import { currency, orders, people, productCount, returned, stockRecords } from './units.js'

const asOfOnly = 'NULL for every date but as_of, because the data holds no earlier state'

export const executiveKpis: GoldModel = {
  name: 'executive_kpis',
  description:
    'The state of the business at every month end since the first sale, and at as_of (the newest order or return date of the source, unless the run was given one). Counts and amounts are running totals through that date.',
  grain: ['source', 'snapshot_date'],
  columns: [
    sourceDimension,
    dimension('snapshot_date', date, 'The date that the figures speak for: a month end, or as_of.'),
    measure(
      'total_revenue',
      money,
      last,
      'Net revenue through the date: sum of total_amount of completed sales, before refunds.',
      { unit: currency },
    ),
    measure('total_orders', integer, last, 'Number of sales through the date, any status.', { unit: orders }),
    measure('completed_orders', integer, last, 'Number of completed sales through the date.', { unit: orders }),
    measure(
      'total_customers',
      integer,
      last,
      'Number of customers through the date: from their signup_date, or from their first order (any status) where that is NULL. Customers that only sales mention count too.',
      { unit: people },
    ),
    measure(
      'refund_amount',
      money,
      last,
      'Sum of refund_amount of the returns through the date (by return_date). NULL where the source has no returns at all.',
      { unit: currency, nullable: true },
    ),
    measure(
      'return_count',
      integer,
      last,
      'Number of returns through the date. NULL where the source has no returns at all.',
      { unit: returned, nullable: true },
    ),
    measure(
      'active_products',
      integer,
      last,
      `Number of products that are active. ${asOfOnly}, and where the source has no products at all.`,
      { unit: productCount, nullable: true },
    ),
    measure(
      'low_stock_items',
      integer,
      last,
      `Number of stock records with a stock_quantity above 0 and at or below reorder_level. ${asOfOnly}, and where the source has no inventory at all.`,
      { unit: stockRecords, nullable: true },
    ),
    measure(
      'out_of_stock_items',
      integer,
      last,
      `Number of stock records with a stock_quantity of 0 or less. ${asOfOnly}, and where the source has no inventory at all.`,
      { unit: stockRecords, nullable: true },
    ),
    measure(
      'average_order_value',
      money,
      ratio(['total_revenue'], 'completed_orders', 2),
      'total_revenue / completed_orders: revenue of one completed sale on average, through the date. NULL where none was completed.',
      { unit: currency, nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'snapshot_date', direction: 'desc' }],
  rowChecks: [
    rowCheck('completed_within_total', 'completed_orders <= total_orders', 'Completed sales are among all sales.'),
  ],
}
