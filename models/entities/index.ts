import type { Entity } from '../types.js'
import { campaigns } from './campaigns.js'
import { customers } from './customers.js'
import { inventory } from './inventory.js'
import { products } from './products.js'
import { returns } from './returns.js'
import { saleItems } from './sale-items.js'
import { sales } from './sales.js'
import { stores } from './stores.js'

/** Every canonical entity, those that others reference first. */
export const entities: readonly Entity[] = [
  products,
  customers,
  stores,
  campaigns,
  sales,
  saleItems,
  inventory,
  returns,
]
