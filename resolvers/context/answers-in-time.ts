import pTimeout from 'p-timeout'
import type { WarehouseReader } from '../../warehouses/contract/warehouse.js'

/** How long a warehouse may take to say that it is there. */
const pingMs = 1000

/** True when the warehouse answers a ping within a second. */
export const answersInTime = (warehouse: WarehouseReader): Promise<boolean> =>
  pTimeout(warehouse.ping(), { milliseconds: pingMs }).then(
    () => true,
    () => false,
  )
