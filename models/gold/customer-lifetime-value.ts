import {
  dimension,
  integer,
  max,
  measure,
  min,
  money,
  ratio,
  rowCheck,
  sourceDimension,
  sum,
  text,
  timestamp,
} from '../columns.js'
import type { GoldModel } from '../types.js'
import { currency, orders } from './units.js'

export const customerLifetimeValue: GoldModel = {
  name: 'customer_lifetime_value',
  description:
    'What each customer bought so far. Customers without sales have their row with zeros; a customer that only sales mention has NULL attributes. Sales without a customer are in no row.',
  grain: ['source', 'customer_id'],
  columns: [
    sourceDimension,
    dimension('customer_id', text, 'Key of the customer.'),
    dimension('customer_name', text, 'Name of the customer. NULL where the customer’s row is missing.', {
      nullable: true,
    }),
    dimension('email', text, 'E-mail address of the customer.', { nullable: true }),
    dimension('city', text, 'City of residence.', { nullable: true }),
    dimension('country', text, 'Country of residence.', { nullable: true }),
    dimension('loyalty_tier', text, 'Tier in the loyalty programme.', { nullable: true }),
    dimension('segment', text, 'Customer segment, as the source assigns it.', { nullable: true }),
    measure('total_orders', integer, sum, 'Number of the customer’s sales, any status.', { unit: orders }),
    measure('completed_orders', integer, sum, 'Number of the customer’s completed sales.', { unit: orders }),
    measure(
      'total_spent',
      money,
      sum,
      'Net revenue of the customer: sum of total_amount of completed sales, before refunds.',
      { unit: currency },
    ),
    measure(
      'average_order_value',
      money,
      ratio(['total_spent'], 'completed_orders', 2),
      'total_spent / completed_orders: revenue of one completed sale on average. NULL where none was completed.',
      { unit: currency, nullable: true },
    ),
    measure('first_order_at', timestamp, min, 'When the customer first ordered, any status. NULL without a sale.', {
      nullable: true,
    }),
    measure(
      'most_recent_order_at',
      timestamp,
      max,
      'When the customer last ordered, any status. NULL without a sale.',
      { nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'customer_id', direction: 'asc' }],
  rowChecks: [
    rowCheck('completed_within_total', 'completed_orders <= total_orders', 'Completed sales are among all sales.'),
    rowCheck('first_before_last', 'first_order_at <= most_recent_order_at', 'The first order is not after the last.'),
  ],
}
