import { closedList, date, money, optional, rate, required, rowCheck, text, timestamp } from '../columns.js'
import type { Entity } from '../types.js'

export const saleStatus = closedList('SaleStatus', ['completed', 'pending', 'cancelled', 'refunded'])

export const sales: Entity = {
  name: 'sales',
  description: 'Orders: one row per sale, whatever its status.',
  key: ['sale_id'],
  columns: [
    required('sale_id', text, 'Key of the sale.'),
    optional('customer_id', text, 'Who bought; NULL where the source does not know.', 'customers'),
    optional('store_id', text, 'Where it was sold; NULL where the source does not know.', 'stores'),
    optional('campaign_id', text, 'The campaign that the sale is attributed to, if any.', 'campaigns'),
    required(
      'sale_status',
      saleStatus,
      'Status of the sale. A delivered sale is completed; one being processed or shipped is pending.',
    ),
    optional('channel', text, 'Sales channel.'),
    optional('payment_method', text, 'How the customer paid.'),
    required('ordered_at', timestamp, 'When the customer ordered.'),
    required('order_date', date, 'Day of the order in the source’s time zone.'),
    optional('delivered_on', date, 'Day of delivery in the source’s time zone.'),
    required('currency', text, 'Currency that the customer paid in (ISO 4217).'),
    required('exchange_rate', rate, 'Units of `currency` per 1 of the reporting currency; 1 where they are equal.'),
    required('discount_amount', money, 'Discount of all lines together, in the reporting currency.'),
    required('tax_amount', money, 'Tax of all lines together, in the reporting currency.'),
    required('shipping_amount', money, 'What shipping cost the customer, in the reporting currency.'),
    required(
      'total_amount',
      money,
      'What the customer owes, in the reporting currency: line totals + shipping. The source’s own figure is kept.',
    ),
  ],
  rowChecks: [
    rowCheck(
      'order_date_plausible',
      `order_date >= DATE '1970-01-01' AND order_date < DATE '2100-01-01'`,
      'A shop did not sell before 1970, nor has it after 2099: such a date is a slip, and would fill executive_kpis with its months.',
    ),
    rowCheck('exchange_rate_positive', 'exchange_rate > 0', 'A rate of zero or less converts nothing.'),
    rowCheck(
      'delivered_after_order',
      'delivered_on >= order_date',
      'Nothing is delivered before it is ordered.',
      'warn',
    ),
  ],
}
