import {
  date,
  dimension,
  integer,
  measure,
  money,
  ratio,
  ratioType,
  rowCheck,
  sourceDimension,
  sum,
  text,
} from '../columns.js'
import type { GoldModel } from '../types.js'
import { currency, orders, quotient } from './units.js'

const missing = 'NULL where the campaign’s row is missing.'

export const campaignRoi: GoldModel = {
  name: 'campaign_roi',
  description:
    'What each campaign cost and what the sales attributed to it brought. Campaigns without sales have their row with zeros; one that only sales mention has NULL attributes, budget and return.',
  grain: ['source', 'campaign_id'],
  columns: [
    sourceDimension,
    dimension('campaign_id', text, 'Key of the campaign.'),
    dimension('campaign_name', text, `Name of the campaign. ${missing}`, { nullable: true }),
    dimension('channel', text, `Marketing channel of the campaign. ${missing}`, { nullable: true }),
    dimension('target_region', text, 'Region the campaign is aimed at.', { nullable: true }),
    dimension('start_date', date, `First day of the campaign. ${missing}`, { nullable: true }),
    dimension('end_date', date, `Last day of the campaign. ${missing}`, { nullable: true }),
    measure('budget', money, sum, `Planned spend. ${missing}`, { unit: currency, nullable: true }),
    measure('attributed_orders', integer, sum, 'Number of sales attributed to the campaign, any status.', {
      unit: orders,
    }),
    measure(
      'attributed_revenue',
      money,
      sum,
      'Sum of total_amount of the completed sales attributed to the campaign, before refunds.',
      { unit: currency },
    ),
    measure(
      'estimated_roi',
      ratioType,
      ratio(['attributed_revenue'], 'budget', 4, ['budget']),
      '(attributed_revenue − budget) / budget: what each unit of budget earned on top of itself, from completed sales. NULL where the budget is 0 or not known.',
      { unit: quotient, nullable: true },
    ),
  ],
  defaultOrder: [{ column: 'campaign_id', direction: 'asc' }],
  rowChecks: [rowCheck('orders_not_negative', 'attributed_orders >= 0', 'Counts are not negative.')],
}
