import { date, money, optional, ratioType, required, rowCheck, text } from '../columns.js'
import type { Entity } from '../types.js'

export const campaigns: Entity = {
  name: 'campaigns',
  description: 'Marketing campaigns: one row per campaign.',
  key: ['campaign_id'],
  columns: [
    required('campaign_id', text, 'Key of the campaign.'),
    required('campaign_name', text, 'Name of the campaign.'),
    required('channel', text, 'Marketing channel of the campaign.'),
    optional('target_region', text, 'Region the campaign is aimed at.'),
    required('budget', money, 'Planned spend, in the reporting currency.'),
    optional('reported_roi', ratioType, 'Return on investment that the source claims; Gold computes its own.'),
    required('start_date', date, 'First day of the campaign.'),
    required('end_date', date, 'Last day of the campaign.'),
  ],
  rowChecks: [
    rowCheck('ends_after_start', 'end_date >= start_date', 'A campaign does not end before it starts.', 'warn'),
    rowCheck('budget_not_negative', 'budget >= 0', 'The budget is not negative.', 'warn'),
  ],
}
