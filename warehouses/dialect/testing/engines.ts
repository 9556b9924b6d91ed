import { randomBytes } from 'node:crypto'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import type { LogicalType } from '../../../models/types.js'
import { decodeValue, encodeValue, type Param, type Row, type Statement, type Value } from '../../contract/values.js'

/** A real engine without its adapter: statements go in as they are, so that dialects and the compiler are tested on their own. */
export interface TestEngine {
  execute(sql: string): Promise<void>
  query(statement: Statement): Promise<Row[]>
  close(): Promise<void>
}

/** DuckDB in memory. The build's file is one more database in memory, attached under its tag. */
export async function openDuckdb(tag: string): Promise<TestEngine> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const sql of [`SET TimeZone = 'UTC'`, `ATTACH ':memory:' AS "${tag}"`, `CREATE SCHEMA "${tag}"."gold"`])
    await connection.run(sql)
  return {
    async execute(sql) {
      await connection.run(sql)
    },
    async query({ sql, params, columns }) {
      const prepared = await connection.prepare(sql)
      texts(params).forEach((text, index) => {
        if (text === null) prepared.bindNull(index + 1)
        else prepared.bindVarchar(index + 1, text)
      })
      const rows = (await prepared.runAndReadAll()).getRowsJson()
      return rows.map((row) => toRow(row, columns))
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** One connection to a database that the caller made and drops. */
export async function openPostgres(url: string): Promise<TestEngine> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: () => (text: unknown) => text } })
  await client.connect()
  await client.query(`SET TIME ZONE 'UTC'; CREATE SCHEMA "gold_builds"`)
  return {
    async execute(sql) {
      await client.query(sql)
    },
    async query({ sql, params, columns }) {
      const { rows } = await client.query<unknown[]>({ text: sql, values: texts(params), rowMode: 'array' })
      return rows.map((row) => toRow(row, columns))
    },
    async close() {
      await client.end()
    },
  }
}

/** A database whose default collation is a language's, as in most installations: what goes by code point there says so itself. */
export async function createEnglishDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const server = process.env.GOLDGATE_TEST_POSTGRES
  if (server === undefined) throw new Error('GOLDGATE_TEST_POSTGRES is unset: run the tests through vitest.')
  const name = `test_en_${randomBytes(6).toString('hex')}`
  const administer = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await administer(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en'`,
  )
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

const texts = (params: readonly Param[]): (string | null)[] => params.map((param) => encodeValue(param.value))

const toRow = (row: readonly unknown[], columns: Statement['columns']): Row =>
  Object.fromEntries(columns.map(({ name, type }, index) => [name, toValue(row[index], type)]))

/** Both drivers give text, but for the spelling of truth and of timestamps: "2024-01-31 10:00:00.5+00". */
function toValue(raw: unknown, type: LogicalType): Value {
  if (raw === null || raw === undefined) return null
  const text = String(raw)
  if (type.kind === 'boolean') return text === 't' || text === 'true'
  if (type.kind !== 'timestamp') return decodeValue(text, type)
  const [day, time = ''] = text.replace(/\+00$/, '').split(' ')
  const [seconds, fraction = ''] = time.split('.')
  return decodeValue(`${day}T${seconds}.${fraction.padEnd(6, '0')}Z`, type)
}
