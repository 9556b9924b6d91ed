import { createHash } from 'node:crypto'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import { Installation } from '../../src/composition/installation.js'
import type { Config } from '../../src/config/config.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Row } from '../../warehouses/contract/values.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'

/** All rows and columns of a model in one build, in the order of its grain. */
export function readModel(warehouse: Warehouse, build: BuildRef, model: GoldModel): Promise<Row[]> {
  const { dialect } = warehouse
  const columns = model.columns.map((column) => dialect.quote(column.name)).join(', ')
  const order = model.grain.map((name) => {
    const column = model.columns.find((candidate) => candidate.name === name)
    if (!column) throw new Error(`${model.name} has no column ${name}`)
    return dialect.orderBy(dialect.quote(name), column.type, 'asc', 'last')
  })
  const sql = `SELECT ${columns} FROM ${dialect.goldTable(build, model.name)} ORDER BY ${order.join(', ')}`
  return warehouse.query({ sql, params: [], columns: model.columns }, [build])
}

export interface GoldCopy {
  readonly buildId: string
  readonly rows: Readonly<Record<string, readonly Row[]>>
}

/** Everything published, by warehouse. */
export async function readGold(config: Config): Promise<ReadonlyMap<string, GoldCopy>> {
  const installation = new Installation(config)
  try {
    const warehouses = await installation.warehouses()
    const published = await (await installation.control()).builds.published([...warehouses.keys()])
    const copies = new Map<string, GoldCopy>()
    for (const [name, warehouse] of warehouses) {
      const build = published.get(name)
      if (!build) continue
      const rows: Record<string, readonly Row[]> = {}
      for (const model of goldModels) rows[model.name] = await readModel(warehouse, build, model)
      copies.set(name, { buildId: build.buildId, rows })
    }
    return copies
  } finally {
    await installation.close()
  }
}

/** Equal for equal rows, whatever build they are in. */
export function goldHash(copy: GoldCopy | undefined): string {
  if (!copy) return 'nothing published'
  const text = JSON.stringify(copy.rows, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
  return createHash('sha256').update(text).digest('hex')
}
