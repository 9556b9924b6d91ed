import type { GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import { WarehouseError } from '../contract/errors.js'
import type { WarehouseReader } from '../contract/warehouse.js'

/**
 * Whether readers find all tables of a build. Reads no row and no column of them; without models, whether it answers a statement at all. False means that one may be missing: only a writer can
 * say. Throws what else may be wrong, such as WAREHOUSE_UNAVAILABLE.
 */
export async function isReadable(
  warehouse: WarehouseReader,
  build: BuildRef,
  models: readonly GoldModel[],
): Promise<boolean> {
  const { dialect } = warehouse
  const nothing = models.map(({ name }) => `SELECT 1 AS present FROM ${dialect.goldTable(build, name)} WHERE 1 = 0`)
  const sql = nothing.length === 0 ? 'SELECT 1 AS present' : nothing.join('\nUNION ALL\n')
  const columns = [{ name: 'present', type: { kind: 'integer' } as const }]
  try {
    await warehouse.query({ sql, params: [], columns }, models.length === 0 ? [] : [build])
    return true
  } catch (error) {
    if (error instanceof WarehouseError && error.code === 'WAREHOUSE_ERROR') return false
    throw error
  }
}
