import { date, dimension, integer, measure, money, ratio, rowCheck, sourceDimension, sum } from '../columns.js'
import type { GoldModel } from '../types.js'
import { currency, orders } from './units.js'

export const dailyRevenue: GoldModel = {
  name: 'daily_revenue',
  description: 'Orders, revenue and refunds of each day. Days with neither a sale nor a return have no row.',
  grain: ['source', 'revenue_date'],
  columns: [
    sourceDimension,
    dimension(
      'revenue_date',
      date,
      'Day of the order, or of the return for refunds, in the source’s time zone (order_date, return_date).',
    ),
    measure('total_orders', integer, sum, 'Number of sales ordered that day, any status.', { unit: orders }),
    measure('completed_orders', integer, sum, 'Number of completed sales ordered that day.', { unit: orders }),
    measure('cancelled_orders', integer, sum, 'Number of cancelled sales ordered that day.', { unit: orders }),
    measure('refunded_orders', integer, sum, 'Number of sales ordered that day whose status is refunded.', {
      unit: orders,
    }),
    measure('gross_revenue', money, sum, 'Sum of total_amount of sales of any status, before refunds.', {
      unit: currency,
    }),
    measure(
      'net_revenue',
      money,
      sum,
      'Sum of total_amount of completed sales, with tax and shipping, before refunds.',
      { unit: currency },
    ),
    measure('discount_total', money, sum, 'Sum of discount_amount of sales of any status.', { unit: currency }),
    measure('tax_total', money, sum, 'Sum of tax_amount of sales of any status.', { unit: currency }),
    measure(
      'refund_total',
      money,
      sum,
      'Sum of refund_amount of the returns of that day (by return_date), whatever the status of their sales. NULL where the source has no returns at all.',
      { unit: currency, nullable: true },
    ),
    measure(
      'revenue_after_refunds',
      money,
      sum,
      'net_revenue − refund_total. NULL where the source has no returns at all.',
      { unit: currency, nullable: true },
    ),
    measure(
      'average_order_value',
      money,
      ratio(['net_revenue'], 'completed_orders', 2),
      'net_revenue / completed_orders: revenue of one completed sale on average. NULL where none was completed.',
      { unit: currency, nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'revenue_date', direction: 'desc' }],
  rowChecks: [
    rowCheck(
      'statuses_within_total',
      'completed_orders + cancelled_orders + refunded_orders <= total_orders',
      'No sale is counted under two statuses.',
    ),
    rowCheck(
      'refunds_subtracted',
      'revenue_after_refunds = net_revenue - refund_total',
      'revenue_after_refunds is what its formula says.',
    ),
  ],
}
