import type { DuckDBConnection } from '@duckdb/node-api'
import { text } from '../../../models/columns.js'
import type { BuildRef } from '../../contract/builds.js'
import { qualifiedName } from '../../dialect/standard.js'
import { execute, readRows } from './values.js'

/** In each build file: in which order the rows of its tables lie. Files from before it are read as if they lay in none. */
const tableOf = (tag: string): string => qualifiedName(tag, 'goldgate', 'stored_order')

/** Inside the transaction that fills the table. */
export async function noteOrder(
  connection: DuckDBConnection,
  { tag }: BuildRef,
  model: string,
  order: string,
): Promise<void> {
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${qualifiedName(tag, 'goldgate')}`)
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${tableOf(tag)} (model VARCHAR PRIMARY KEY, "order" VARCHAR NOT NULL)`,
  )
  const params = [model, order].map((value) => ({ type: text, value }))
  await execute(connection, `INSERT OR REPLACE INTO ${tableOf(tag)} VALUES ($1, $2)`, params)
}

/** The orders in which the tables of an attached build lie, by model. */
export async function storedOrders(connection: DuckDBConnection, tag: string): Promise<ReadonlyMap<string, string>> {
  const [there] = await readRows(connection, {
    sql: `SELECT table_name FROM duckdb_tables() WHERE database_name = $1 AND schema_name = 'goldgate' AND table_name = 'stored_order'`,
    params: [{ type: text, value: tag }],
    columns: [{ name: 'table_name', type: text }],
  })
  if (!there) return new Map()
  const columns = ['model', 'order'].map((name) => ({ name, type: text }))
  const rows = await readRows(connection, { sql: `SELECT model, "order" FROM ${tableOf(tag)}`, params: [], columns })
  return new Map(rows.map(({ model, order }) => [String(model), String(order)]))
}
