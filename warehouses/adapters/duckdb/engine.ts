import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { WarehouseFolder } from './folder.js'
import type { DuckdbOptions } from './options.js'

/** One DuckDB instance with a spill folder of its own: instances that share one overwrite each other's files. */
export class Engine {
  private readonly connections: DuckDBConnection[] = []

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly spill: string,
  ) {}

  /** `path` is a file that no other instance has open, or `:memory:`. Throws DuckDB's error. */
  static async open(
    path: string,
    role: 'reader' | 'writer',
    folder: WarehouseFolder,
    options: DuckdbOptions,
  ): Promise<Engine> {
    const spill = folder.spill(`${role}-${process.pid}-${randomBytes(4).toString('hex')}`)
    // DuckDB makes the folder when it first spills, but not the one above. Who may only read finds no room to spill anyway.
    await mkdir(dirname(spill), { recursive: true }).catch(() => undefined)
    const instance = await DuckDBInstance.create(path, {
      memory_limit: `${options.memoryLimitMb}MB`,
      temp_directory: spill,
      // What readers are given without sorting is in the order in which it lies; writers say the order of what they write.
      preserve_insertion_order: role === 'reader' ? 'true' : 'false',
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    })
    return new Engine(instance, spill)
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect()
    this.connections.push(connection)
    await connection.run(`SET TimeZone = 'UTC'`)
    return connection
  }

  async close(): Promise<void> {
    // An instance lives on, with its memory and files, while a connection to it is open.
    for (const connection of this.connections) connection.closeSync()
    this.instance.closeSync()
    // Best effort: where the folder is out of reach there is nothing in it either.
    await rm(this.spill, { recursive: true, force: true }).catch(() => undefined)
  }
}
