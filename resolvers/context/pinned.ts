import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { WarehouseReader } from '../../warehouses/contract/warehouse.js'

/** A warehouse with the build of it that is read. */
export interface Pinned {
  readonly warehouse: WarehouseReader
  readonly build: PublishedBuild
}
