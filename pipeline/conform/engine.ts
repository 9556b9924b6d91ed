import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import type { Mapping } from '../sources/mapping.js'
import { mappingMacros } from '../sources/mapping-macros.js'
import { quoteText } from '../sources/sql-text.js'

export interface EngineOptions {
  readonly mapping: Mapping
  readonly workDirectory: string
  readonly memoryLimitMb: number
  /** Parquet objects, which DuckDB reads itself. */
  readonly readablePaths: readonly string[]
}

/** The DuckDB of one conform process. It can open nothing but the work directory and the objects it was given. */
export class Engine {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    /** For those who read objects meanwhile: a connection runs one statement at a time. */
    readonly readers: DuckDBConnection,
  ) {}

  static async open({ mapping, workDirectory, memoryLimitMb, readablePaths }: EngineOptions): Promise<Engine> {
    const spill = join(workDirectory, 'spill')
    await mkdir(spill, { recursive: true })
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: `${memoryLimitMb}MB`,
      temp_directory: spill,
      preserve_insertion_order: 'true',
    })
    const connection = await instance.connect()
    const list = (paths: readonly string[]) => `[${paths.map(quoteText).join(', ')}]`
    for (const statement of [
      `SET TimeZone = 'UTC'`,
      'SET errors_as_json = true',
      `SET allowed_directories = ${list([`${workDirectory}/`])}`,
      `SET allowed_paths = ${list(readablePaths)}`,
      'SET enable_external_access = false',
      'SET lock_configuration = true',
      ...mappingMacros(mapping),
      'CREATE SCHEMA raw',
      'CREATE SCHEMA conform',
    ])
      await connection.run(statement)
    return new Engine(instance, connection, await instance.connect())
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql)
  }

  async rows(sql: string): Promise<DuckDBValue[][]> {
    return (await this.connection.runAndReadAll(sql)).getRows()
  }

  /** The only row of numbers; NULL is 0. */
  async numbers(sql: string): Promise<number[]> {
    const [row] = await this.rows(sql)
    return (row ?? []).map((value) => Number(value ?? 0))
  }

  close(): void {
    this.readers.closeSync()
    this.connection.closeSync()
    this.instance.closeSync()
  }
}
