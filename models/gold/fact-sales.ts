import {
  closedList,
  date,
  decimal,
  dimension,
  integer,
  measure,
  money,
  rate,
  ratio,
  reference,
  rowCheck,
  rowOnly,
  sourceDimension,
  sum,
  text,
} from '../columns.js'
import { saleStatus } from '../entities/sales.js'
import { storeType } from '../entities/stores.js'
import type { GoldModel } from '../types.js'
import { currency, days, exchange, items, localCurrency, orders, weekdays } from './units.js'

/** In words, since values of a GraphQL enum may not begin with a digit. */
const ageBand = closedList('AgeBand', [
  'under_18',
  'from_18_to_24',
  'from_25_to_34',
  'from_35_to_44',
  'from_45_to_54',
  'from_55_to_64',
  'from_65',
])

/** Holds every amount times every rate: one sale with a rate that cannot be must not stop a build. */
const localMoney = decimal(30, 2)

const customer = 'NULL where the source does not know, or the sale has no customer.'
const store = 'NULL where the sale has no store, or the store’s row is missing.'
const cost =
  '0 where the sale is not completed; NULL where no line’s cost is known, or the source has no lines of sales at all.'
const notAdded = 'Amounts of several currencies do not add up.'

export const factSales: GoldModel = {
  name: 'fact_sales',
  description:
    'Every sale, whatever its status, with its customer, store and campaign: orders, revenue, cost and profit by any of its dimensions. Customers, stores and campaigns are as the newest delivery has them; names and addresses of customers are in customer_lifetime_value alone.',
  grain: ['source', 'sale_id'],
  columns: [
    sourceDimension,
    dimension('sale_id', text, 'Key of the sale.'),
    dimension('order_date', date, 'Day of the order in the source’s time zone.'),
    dimension('weekday', integer, `Day of the week of order_date: ${weekdays}.`),
    dimension('delivered_on', date, 'Day of delivery in the source’s time zone. NULL while not delivered.', {
      nullable: true,
    }),
    dimension('sale_status', saleStatus, 'Status of the sale.'),
    dimension('channel', text, 'Sales channel.', { nullable: true }),
    dimension('payment_method', text, 'How the customer paid.', { nullable: true }),
    dimension('currency', text, 'Currency that the customer paid in (ISO 4217).'),
    dimension('customer_id', text, 'Who bought. NULL where the source does not know.', { nullable: true }),
    dimension(
      'age_band',
      ageBand,
      'Age of the customer on the day of the order, in whole years. NULL where the date of birth is not known or lies behind the order.',
      { nullable: true },
    ),
    dimension('customer_gender', text, `Gender of the customer, as the source writes it. ${customer}`, {
      nullable: true,
    }),
    dimension('customer_city', text, `City where the customer lives. ${customer}`, { nullable: true }),
    dimension('customer_state', text, `State or province where the customer lives. ${customer}`, { nullable: true }),
    dimension('customer_country', text, `Country where the customer lives. ${customer}`, { nullable: true }),
    dimension('customer_continent', text, `Continent where the customer lives. ${customer}`, { nullable: true }),
    dimension('customer_loyalty_tier', text, `Tier of the customer in the loyalty programme. ${customer}`, {
      nullable: true,
    }),
    dimension('customer_segment', text, `Segment of the customer, as the source assigns it. ${customer}`, {
      nullable: true,
    }),
    dimension('store_id', text, 'Where it was sold. NULL where the source does not know.', { nullable: true }),
    dimension('store_name', text, `Name of the store. ${store}`, { nullable: true }),
    dimension('store_type', storeType, `Kind of store. ${store}`, { nullable: true }),
    dimension('store_region', text, `Sales region of the store. ${store}`, { nullable: true }),
    dimension('store_country', text, `Country of the store; a web shop may have none. ${store}`, { nullable: true }),
    dimension('campaign_id', text, 'The campaign that the sale is attributed to, if any.', { nullable: true }),
    dimension('campaign_name', text, 'Name of that campaign. NULL where the campaign’s row is missing.', {
      nullable: true,
    }),
    measure('total_orders', integer, sum, 'Number of sales, any status: 1 in each row.', { unit: orders }),
    measure('completed_orders', integer, sum, 'Number of completed sales: 1 or 0 in each row.', { unit: orders }),
    measure(
      'units_sold',
      integer,
      sum,
      'Sum of quantity over the lines of completed sales. NULL where the source has no lines of sales at all.',
      { unit: items, nullable: true },
    ),
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
    measure('shipping_total', money, sum, 'Sum of shipping_amount of sales of any status.', { unit: currency }),
    measure(
      'cost_total',
      money,
      sum,
      `Sum of unit_cost × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. Lines of unknown cost add nothing; ${cost}`,
      { unit: currency, nullable: true },
    ),
    measure(
      'net_margin',
      money,
      sum,
      `The profit: sum of line_total − tax_amount − unit_cost × quantity over lines of completed sales, each rounded to money; the product’s cost_price where the line has no cost. Lines of unknown cost add nothing; ${cost}`,
      { unit: currency, nullable: true },
    ),
    measure(
      'average_order_value',
      money,
      ratio(['net_revenue'], 'completed_orders', 2),
      'net_revenue / completed_orders: revenue of one completed sale on average. NULL where none was completed.',
      { unit: currency, nullable: true },
    ),
    measure('delivered_orders', integer, sum, 'Number of sales whose day of delivery is known, any status.', {
      unit: orders,
    }),
    measure(
      'delivery_days',
      integer,
      sum,
      'Days from order_date to delivered_on, summed over sales of any status. NULL where no day of delivery is known.',
      { unit: days, nullable: true },
    ),
    measure(
      'average_delivery_days',
      decimal(18, 2),
      ratio(['delivery_days'], 'delivered_orders', 2),
      'delivery_days / delivered_orders: days until delivery on average. NULL where no day of delivery is known.',
      { unit: days, nullable: true },
    ),
    measure(
      'exchange_rate',
      rate,
      rowOnly,
      'Units of `currency` per 1 of the reporting currency on the day of the order; 1 where they are equal.',
      { unit: exchange },
    ),
    measure('net_revenue_local', localMoney, rowOnly, `net_revenue × exchange_rate, rounded to money. ${notAdded}`, {
      unit: localCurrency,
    }),
    measure('cost_total_local', localMoney, rowOnly, `cost_total × exchange_rate, rounded to money. ${notAdded}`, {
      unit: localCurrency,
      nullable: true,
    }),
    measure('net_margin_local', localMoney, rowOnly, `net_margin × exchange_rate, rounded to money. ${notAdded}`, {
      unit: localCurrency,
      nullable: true,
    }),
  ],
  defaultOrder: [{ column: 'order_date', direction: 'desc' }],
  rowChecks: [
    rowCheck('one_sale', 'total_orders = 1', 'A row is one sale.'),
    rowCheck(
      'net_of_completed',
      "(sale_status = 'completed' AND completed_orders = 1 AND net_revenue = gross_revenue) OR (sale_status <> 'completed' AND completed_orders = 0 AND net_revenue = 0)",
      'Completed sales earn their total_amount, all others nothing.',
    ),
  ],
  references: [
    reference(
      'customer',
      'customer_id',
      'customer_lifetime_value',
      'Who bought, with everything bought so far. NULL where the sale has no customer.',
      ['sales', 'The sales to the customer, any status.'],
    ),
    reference(
      'store',
      'store_id',
      'store_performance',
      'The store, with everything it sold. NULL where the sale has no store.',
      ['sales', 'The sales of the store, any status.'],
    ),
    reference(
      'campaign',
      'campaign_id',
      'campaign_roi',
      'The campaign that the sale is attributed to. NULL where it is to none.',
      ['sales', 'The sales attributed to the campaign, any status.'],
    ),
    reference('day', 'order_date', 'daily_revenue', 'The day of the order, with everything sold on it.', [
      'sales',
      'The sales ordered that day, any status.',
    ]),
  ],
}
