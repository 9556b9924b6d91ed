import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { entities } from '../../models/entities/index.js'
import { duckdbDialect } from '../../warehouses/adapters/duckdb/dialect.js'
import { postgresDialect } from '../../warehouses/adapters/postgres/dialect.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import type { TestInstallation } from '../setup/installation.js'

type TextRow = Readonly<Record<string, string | null>>

/** A Silver table of both warehouses, without its lineage, as text in the order of the key. No app may have the installation open. */
export async function readSilver(
  installation: TestInstallation,
  entity: string,
): Promise<{ readonly postgres: TextRow[]; readonly duckdb: TextRow[] }> {
  const client = new pg.Client({ connectionString: installation.env.TEST_WAREHOUSE_URL })
  await client.connect()
  const folder = join(installation.folder, 'home', 'warehouses', 'duckdb')
  const file = (await readdir(folder)).find((name) => /^silver-.*\.duckdb$/.test(name))
  const instance = await DuckDBInstance.create(join(folder, file ?? ''), { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    await client.query(`SET TimeZone = 'UTC'`)
    await connection.run(`SET TimeZone = 'UTC'`)
    const postgres = await client.query<Record<string, string | null>>(selectText(postgresDialect, entity))
    const duckdb = await connection.runAndReadAll(selectText(duckdbDialect, entity))
    return { postgres: postgres.rows, duckdb: duckdb.getRowObjects() as TextRow[] }
  } finally {
    connection.closeSync()
    instance.closeSync()
    await client.end()
  }
}

function selectText(dialect: Dialect, name: string): string {
  const entity = entities.find((candidate) => candidate.name === name)
  if (!entity) throw new Error(`There is no entity ${name}`)
  const columns = ['source', ...entity.columns.map((column) => column.name)].map(dialect.quote)
  const texts = columns.map((column) => `${dialect.cast(column, { kind: 'text' })} AS ${column}`)
  const text = { kind: 'text' } as const
  const order = ['source', ...entity.key].map((column) =>
    dialect.orderBy(dialect.cast(`t.${dialect.quote(column)}`, text), text, 'asc', 'last'),
  )
  return `SELECT ${texts.join(', ')} FROM ${dialect.silverTable(name)} AS t ORDER BY ${order.join(', ')}`
}
