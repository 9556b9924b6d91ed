import { dimension, integer, measure, money, ratio, rowCheck, sourceDimension, sum, text } from '../columns.js'
import { storeType } from '../entities/stores.js'
import type { GoldModel } from '../types.js'
import { currency, orders } from './units.js'

const missing = 'NULL where the store’s row is missing.'

export const storePerformance: GoldModel = {
  name: 'store_performance',
  description:
    'What each store sold. Stores without sales have their row with zeros; a store that only sales mention has NULL attributes. Sales without a store are in no row.',
  grain: ['source', 'store_id'],
  columns: [
    sourceDimension,
    dimension('store_id', text, 'Key of the store.'),
    dimension('store_name', text, `Name of the store. ${missing}`, { nullable: true }),
    dimension('store_type', storeType, `Kind of store. ${missing}`, { nullable: true }),
    dimension('region', text, 'Sales region of the store.', { nullable: true }),
    dimension('city', text, 'City of the store.', { nullable: true }),
    dimension('country', text, 'Country of the store.', { nullable: true }),
    measure('total_orders', integer, sum, 'Number of sales in the store, any status.', { unit: orders }),
    measure('completed_orders', integer, sum, 'Number of completed sales in the store.', { unit: orders }),
    measure('gross_revenue', money, sum, 'Sum of total_amount of sales of any status, before refunds.', {
      unit: currency,
    }),
    measure('net_revenue', money, sum, 'Sum of total_amount of completed sales, before refunds.', { unit: currency }),
    measure(
      'average_order_value',
      money,
      ratio(['net_revenue'], 'completed_orders', 2),
      'net_revenue / completed_orders: revenue of one completed sale on average. NULL where none was completed.',
      { unit: currency, nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'store_id', direction: 'asc' }],
  rowChecks: [
    rowCheck('completed_within_total', 'completed_orders <= total_orders', 'Completed sales are among all sales.'),
  ],
}
