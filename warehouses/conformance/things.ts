import {
  boolean,
  closedList,
  date,
  decimal,
  dimension,
  integer,
  measure,
  optional,
  required,
  sourceDimension,
  sum,
  text,
  timestamp,
} from '../../models/columns.js'
import type { Entity, GoldModel } from '../../models/types.js'
import type { Row } from '../contract/values.js'

const colour = closedList('Colour', ['red', 'green'])
const exact = decimal(38, 9)
const money = decimal(18, 2)

/** One column of every type, all but the key nullable. */
export const things: Entity = {
  name: 'things',
  description: 'An entity for the conformance suite.',
  key: ['thing_id'],
  columns: [
    required('thing_id', text, 'Key.'),
    optional('label', text, 'Text.'),
    optional('exact', exact, 'The largest decimal.'),
    optional('amount', money, 'Money.'),
    optional('quantity', integer, 'Integer.'),
    optional('is_new', boolean, 'Boolean.'),
    optional('day', date, 'Date.'),
    optional('moment', timestamp, 'Timestamp.'),
    optional('colour', colour, 'Closed list.'),
  ],
  rowChecks: [],
}

/** Things as they are, one row each. */
export const thingList: GoldModel = {
  name: 'thing_list',
  description: 'Things; it’s "one row" each.',
  grain: ['source', 'thing_id'],
  columns: [
    sourceDimension,
    dimension('thing_id', text, 'Key.'),
    dimension('label', text, 'Text.', { nullable: true }),
    measure('exact', exact, sum, 'The largest decimal.', { nullable: true }),
    measure('amount', money, sum, 'Money.', { nullable: true }),
    measure('quantity', integer, sum, 'Integer.', { nullable: true }),
    dimension('is_new', boolean, 'Boolean.', { nullable: true }),
    dimension('day', date, 'Date.', { nullable: true }),
    dimension('moment', timestamp, 'Timestamp.', { nullable: true }),
    dimension('colour', colour, 'Closed list.', { nullable: true }),
  ],
  defaultOrder: [{ column: 'day', direction: 'desc' }],
  rowChecks: [],
}

/** Things by their day. */
export const thingDays: GoldModel = {
  name: 'thing_days',
  description: 'Things of a day.',
  grain: ['source', 'day'],
  columns: [
    sourceDimension,
    dimension('day', date, 'Date.', { nullable: true }),
    measure('thing_count', integer, sum, 'How many.'),
  ],
  defaultOrder: [{ column: 'day', direction: 'desc' }],
  rowChecks: [],
}

export const thing = (id: string, values: Row = {}): Row => ({ thing_id: id, ...values })
