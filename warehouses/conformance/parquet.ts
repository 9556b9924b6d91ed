import { DuckDBInstance } from '@duckdb/node-api'
import { encodeValue, type Row } from '../contract/values.js'
import { duckdbTypeName } from './duckdb-types.js'

export interface ParquetColumn {
  readonly name: string
  readonly type: Parameters<typeof duckdbTypeName>[0]
}

/** Writes rows as conform does: the declared columns in their order and types. A value that a row does not have is NULL. */
export async function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  rows: readonly Row[],
): Promise<void> {
  await copyToParquet(path, async (run) => {
    const list = columns.map((column) => `${identifier(column.name)} ${duckdbTypeName(column.type)}`).join(', ')
    await run(`CREATE TABLE batch (${list})`, [])
    const holders = columns.map((column, index) => `CAST($${index + 1} AS ${duckdbTypeName(column.type)})`).join(', ')
    for (const row of rows)
      await run(
        `INSERT INTO batch VALUES (${holders})`,
        columns.map((column) => encodeValue(row[column.name] ?? null)),
      )
    return 'SELECT * FROM batch'
  })
}

/** Writes what a DuckDB SELECT gives. */
export async function writeParquetOf(path: string, select: string): Promise<void> {
  await copyToParquet(path, async () => select)
}

type Run = (sql: string, values: (string | null)[]) => Promise<unknown>

async function copyToParquet(path: string, prepare: (run: Run) => Promise<string>): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    await connection.run(`SET TimeZone = 'UTC'`)
    const select = await prepare((sql, values) => connection.run(sql, values))
    await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`)
  } finally {
    instance.closeSync()
  }
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
