import type { GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import { WarehouseError } from '../contract/errors.js'
import type { WarehouseReader } from '../contract/warehouse.js'

/**
 * Whether readers find all tables of a build. Reads no row and no column of them; without models, whether it answers a statement at all. False means that one may be missing: only a writer can
 * say. Throws what else may be wrong, such as WAREHOUSE_UNAVAILABLE.
 */
export function isReadable(
  warehouse: WarehouseReader,
  build: BuildRef,
  models: readonly GoldModel[],
): Promise<boolean> {
  return answers(warehouse, build, models, ({ name }) => warehouse.dialect.goldTable(build, name))
}

/** Whether the tables of a build, which are there, have all columns of their models: not where the build is older than one. */
export function hasAllColumns(
  warehouse: WarehouseReader,
  build: BuildRef,
  models: readonly GoldModel[],
): Promise<boolean> {
  const { dialect } = warehouse
  return answers(warehouse, build, models, ({ name, columns }) => {
    const all = columns.map((column) => dialect.quote(column.name)).join(', ')
    return `(SELECT ${all} FROM ${dialect.goldTable(build, name)}) AS ${dialect.quote(name)}`
  })
}

async function answers(
  warehouse: WarehouseReader,
  build: BuildRef,
  models: readonly GoldModel[],
  from: (model: GoldModel) => string,
): Promise<boolean> {
  const nothing = models.map((model) => `SELECT 1 AS present FROM ${from(model)} WHERE 1 = 0`)
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
