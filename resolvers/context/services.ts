import type { GoldModel } from '../../models/types.js'
import type { BuildCatalog } from '../../warehouses/contract/builds.js'
import type { ParityCatalog } from '../../warehouses/contract/parity.js'
import type { WarehouseReader } from '../../warehouses/contract/warehouse.js'
import type { StatementCache } from '../caching/statement-cache.js'
import type { Limits } from '../limits/limits.js'

/** What lives as long as the gateway. */
export interface GatewayServices {
  /** What a build has tables of. */
  readonly models: readonly GoldModel[]
  readonly warehouses: ReadonlyMap<string, WarehouseReader>
  readonly defaultWarehouse: string
  /** Further names of warehouses, as requests may use them. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Which warehouse answers for one that does not. */
  readonly fallback?: Readonly<Record<string, string>>
  readonly catalog: BuildCatalog
  /** Absent: no builds are compared. */
  readonly parity?: ParityCatalog
  readonly limits: Limits
  /** Absent: every statement is run. */
  readonly statements?: StatementCache | undefined
}
