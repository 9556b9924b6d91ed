import type { GoldModel } from '../../../models/types.js'
import type { Dialect } from '../../contract/dialect.js'
import type { Param, Row } from '../../contract/values.js'
import type { TestEngine } from '../../dialect/testing/engines.js'

export function createTable(engine: TestEngine, dialect: Dialect, table: string, model: GoldModel): Promise<void> {
  const columns = model.columns.map((column) => `${dialect.quote(column.name)} ${dialect.ddlType(column.type)}`)
  return engine.execute(`CREATE TABLE ${table} (${columns.join(', ')})`)
}

/** Makes these the rows of the table. */
export async function fillTable(
  engine: TestEngine,
  dialect: Dialect,
  table: string,
  model: GoldModel,
  content: readonly Row[],
): Promise<void> {
  await engine.execute(`DELETE FROM ${table}`)
  if (content.length === 0) return
  const params: Param[] = []
  const lines = content.map((row) => {
    const values = model.columns.map(({ name, type }) => {
      params.push({ type, value: row[name] ?? null })
      return dialect.param(params.length, type)
    })
    return `(${values.join(', ')})`
  })
  await engine.query({ sql: `INSERT INTO ${table} VALUES ${lines.join(', ')}`, params, columns: [] })
}
