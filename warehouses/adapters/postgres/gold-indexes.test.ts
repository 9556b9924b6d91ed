import { expect, it } from 'vitest'
import { date, dimension, reference, sourceDimension, text } from '../../../models/columns.js'
import type { GoldModel } from '../../../models/types.js'
import { goldIndexes } from './gold.js'

const orders: GoldModel = {
  name: 'orders',
  description: '',
  grain: ['source', 'order_id'],
  columns: [
    sourceDimension,
    dimension('order_id', text, ''),
    dimension('day', date, ''),
    dimension('buyer', text, '', { nullable: true }),
    dimension('shop', text, ''),
  ],
  defaultOrder: [{ column: 'day', direction: 'desc' }],
  rowChecks: [],
  references: [
    reference('customer', 'buyer', 'customers', '', ['orders', '']),
    reference('date', 'day', 'days', '', ['orders', '']),
    reference('place', 'shop', 'shops', ''),
  ],
}

it('indexes serve pages, keys, and the rows that point to a row of another model, each of them once', () => {
  expect(goldIndexes('t', orders)).toEqual([
    'CREATE INDEX ON t ("day" DESC, "source" ASC, "order_id" ASC)',
    'CREATE INDEX ON t ("order_id" ASC, "source" ASC)',
    'CREATE INDEX ON t ("buyer" ASC, "day" DESC, "source" ASC, "order_id" ASC) WHERE "buyer" IS NOT NULL',
  ])
})
