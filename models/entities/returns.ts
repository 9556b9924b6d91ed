import { date, integer, money, optional, required, rowCheck, text, timestamp } from '../columns.js'
import type { Entity } from '../types.js'

export const returns: Entity = {
  name: 'returns',
  description: 'What customers sent back: one row per return.',
  key: ['return_id'],
  columns: [
    required('return_id', text, 'Key of the return.'),
    optional('sale_id', text, 'The sale that is returned, in whole or in part.', 'sales'),
    optional('product_id', text, 'The product that is returned; NULL where the source does not say.', 'products'),
    optional('customer_id', text, 'Who returned it.', 'customers'),
    required('returned_at', timestamp, 'When it was returned.'),
    required('return_date', date, 'Day of the return in the source’s time zone.'),
    optional('quantity', integer, 'Units returned.'),
    optional('return_reason', text, 'Reason, as the source writes it.'),
    required('refund_amount', money, 'What was paid back, in the reporting currency.'),
  ],
  rowChecks: [
    rowCheck(
      'return_date_plausible',
      `return_date >= DATE '1970-01-01' AND return_date < DATE '2100-01-01'`,
      'A date outside these years is a slip.',
    ),
    rowCheck('refund_not_negative', 'refund_amount >= 0', 'A refund is not negative.', 'warn'),
    rowCheck('quantity_positive', 'quantity > 0', 'A return of known quantity takes back at least one unit.', 'warn'),
  ],
}
