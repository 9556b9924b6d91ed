import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { entities } from '../../models/entities/index.js'
import { systemTables } from '../../models/entities/system.js'
import { goldModels } from '../../models/gold/index.js'
import { sourceColumn } from '../../models/lineage.js'
import type { EntityColumn, GoldModel } from '../../models/types.js'
import { duckdbDialect } from '../../warehouses/adapters/duckdb/dialect.js'
import { postgresDialect } from '../../warehouses/adapters/postgres/dialect.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { createTestDatabase } from '../setup/database.js'
import { asOfDate } from './facts.js'
import type { OracleRow, OracleSource } from './input.js'
import { type GoldTables, inTextOrder, oracleModels } from './recompute.js'

/** A bare engine under the project's SQL: no adapter, no loading, only Silver tables filled by hand and Gold made from them. */
export interface Engine {
  readonly name: string
  readonly dialect: Dialect
  execute(sql: string): Promise<void>
  /** Every value as text or null. */
  read(sql: string): Promise<Record<string, string | null>[]>
  /** An instant in canonical text. */
  instantText(expression: string): string
  close(): Promise<void>
}

export const build: BuildRef = { buildId: 'b1', tag: 'b1_1' }

export async function openDuckDb(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `SET TimeZone = 'UTC'; CREATE SCHEMA silver; ATTACH ':memory:' AS ${build.tag}; CREATE SCHEMA ${build.tag}.gold`,
  )
  return {
    name: 'duckdb',
    dialect: duckdbDialect,
    execute: async (sql) => {
      await connection.run(sql)
    },
    read: async (sql) => {
      const reader = await connection.runAndReadAll(sql)
      return reader
        .getRowObjects()
        .map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v === null ? null : String(v)])))
    },
    instantText: (expression) => `strftime(${expression} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`,
    close: async () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

export async function openPostgres(): Promise<Engine> {
  const database = await createTestDatabase()
  // Two connections: checks are asked side by side.
  const pool = new pg.Pool({
    max: 2,
    connectionString: database.url,
    types: { getTypeParser: () => (text: string) => text },
  })
  await pool.query('CREATE SCHEMA silver; CREATE SCHEMA gold_builds')
  return {
    name: 'postgres',
    dialect: postgresDialect,
    execute: async (sql) => {
      await pool.query(sql)
    },
    read: async (sql) => (await pool.query<Record<string, string | null>>(sql)).rows,
    instantText: (expression) => `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    close: async () => {
      await pool.end()
      await database.drop()
    },
  }
}

/** Makes Silver hold exactly these sources. */
export async function fillSilver(engine: Engine, sources: readonly OracleSource[]): Promise<void> {
  for (const entity of entities)
    await fill(
      engine,
      entity.name,
      [sourceColumn, ...entity.columns],
      sources.flatMap((source) =>
        (source.entities[entity.name as keyof OracleSource['entities']] ?? []).map((row) => ({
          ...row,
          source: source.source,
        })),
      ),
    )
  const system: Record<string, OracleRow[]> = {
    sources: sources.map((source) => ({
      source: source.source,
      currency: 'EUR',
      timezone: 'UTC',
      country: 'DE',
      as_of: asOfDate(source) ?? null,
    })),
    source_entities: sources.flatMap((source) =>
      Object.keys(source.entities).map((entity) => ({ source: source.source, entity })),
    ),
  }
  for (const table of systemTables) await fill(engine, table.name, table.columns, system[table.name] ?? [])
}

async function fill(
  engine: Engine,
  table: string,
  columns: readonly EntityColumn[],
  rows: readonly OracleRow[],
): Promise<void> {
  const { dialect } = engine
  const name = dialect.silverTable(table)
  const ddl = columns.map((column) => `${dialect.quote(column.name)} ${dialect.ddlType(column.type)}`)
  await engine.execute(`DROP TABLE IF EXISTS ${name}`)
  await engine.execute(`CREATE TABLE ${name} (${ddl.join(', ')})`)
  if (rows.length === 0) return
  const literal = (row: OracleRow, column: EntityColumn): string => {
    const value = row[column.name]
    return value === null || value === undefined
      ? 'NULL'
      : dialect.cast(`'${value.replaceAll("'", "''")}'`, column.type)
  }
  const written = columns.filter((column) => column.computed === undefined)
  const values = rows.map((row) => `(${written.map((column) => literal(row, column)).join(', ')})`)
  const names = written.map((column) => dialect.quote(column.name)).join(', ')
  for (let start = 0; start < values.length; start += 500)
    await engine.execute(`INSERT INTO ${name} (${names}) VALUES ${values.slice(start, start + 500).join(', ')}`)
  for (const column of columns)
    if (column.computed !== undefined)
      await engine.execute(
        `UPDATE ${name} SET ${dialect.quote(column.name)} = ${dialect.cast(column.computed, column.type)}`,
      )
}

/** Builds the Gold tables from Silver with the project's SQL. */
export async function buildGold(engine: Engine): Promise<void> {
  const names = entities.map((entity) => entity.name)
  for (const step of goldPlan({ models: goldModels, entities: names, dialect: engine.dialect, build })) {
    const table = engine.dialect.goldTable(build, step.model.name)
    await engine.execute(`DROP TABLE IF EXISTS ${table}`)
    await engine.execute(`CREATE TABLE ${table} AS ${step.select}`)
  }
}

/** The Gold tables that the oracle knows, as canonical text, comparable with its own. */
export async function readGold(engine: Engine): Promise<GoldTables> {
  const tables: Record<string, GoldTables[string]> = {}
  for (const model of goldModels.filter(({ name }) => oracleModels.includes(name)))
    tables[model.name] = inTextOrder(await engine.read(goldText(engine, model)))
  return tables
}

function goldText({ dialect, instantText }: Engine, model: GoldModel): string {
  const columns = model.columns.map(({ name, type }) => {
    const quoted = dialect.quote(name)
    const asText = type.kind === 'timestamp' ? instantText(quoted) : dialect.cast(quoted, { kind: 'text' })
    return `${asText} AS ${quoted}`
  })
  return `SELECT ${columns.join(', ')} FROM ${dialect.goldTable(build, model.name)}`
}
