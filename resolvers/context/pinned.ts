import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'

/** A warehouse with the build of it that is read. */
export interface Pinned {
  readonly warehouse: Warehouse
  readonly build: PublishedBuild
}
