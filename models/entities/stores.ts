import { closedList, date, decimal, optional, required, rowCheck, text } from '../columns.js'
import type { Entity } from '../types.js'

export const storeType = closedList('StoreType', ['physical', 'online', 'marketplace', 'warehouse'])

export const stores: Entity = {
  name: 'stores',
  description: 'Where the retailer sells or keeps stock: one row per store, web shop, marketplace or warehouse.',
  key: ['store_id'],
  columns: [
    required('store_id', text, 'Key of the store.'),
    required('store_name', text, 'Name of the store.'),
    required('store_type', storeType, 'Kind of store.'),
    optional('region', text, 'Sales region of the store.'),
    optional('city', text, 'City of the store.'),
    optional('state', text, 'State or province of the store.'),
    optional('country', text, 'Country of the store.'),
    optional('square_meters', decimal(12, 2), 'Floor area in square metres.'),
    optional('opened_on', date, 'Day the store opened.'),
  ],
  rowChecks: [rowCheck('square_meters_positive', 'square_meters > 0', 'A known floor area is above zero.', 'warn')],
}
