import { mkdir, readdir } from 'node:fs/promises'
import { z } from 'zod'
import type { Entity } from '../../../models/types.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Cells } from '../../contract/cells.js'
import type { Diagnosis } from '../../contract/diagnosis.js'
import { folderLocation } from '../../contract/location.js'
import type { Row, Statement } from '../../contract/values.js'
import type {
  Capabilities,
  QueryOptions,
  Warehouse,
  WarehouseAdapter,
  WarehouseWriter,
} from '../../contract/warehouse.js'
import { diagnoseFolder, setupFolder } from './check-folder.js'
import { duckdbDialect } from './dialect.js'
import { unavailable } from './errors.js'
import { WarehouseFolder } from './folder.js'
import { type DuckdbOptions, duckdbOptions } from './options.js'
import { connectionsOfReader, DuckdbReader } from './reader.js'
import { DuckdbWriter } from './writer.js'

const kind = 'duckdb'
const capabilities: Capabilities = {
  views: false,
  anyNames: true,
  estimates: false,
  maxBytesBilled: false,
}

export const duckdbAdapter: WarehouseAdapter<DuckdbOptions> = {
  kind,
  dialect: duckdbDialect,
  capabilities,
  parseOptions: (raw) => duckdbOptions.parse(raw),
  optionsJsonSchema: () => z.toJSONSchema(duckdbOptions, { io: 'input' }),
  location: ({ path }) => (path === undefined ? undefined : folderLocation(path)),
  async open(name, options, environment) {
    const folder = new WarehouseFolder(options.path ?? environment.directory)
    // A folder that cannot be made shows as WAREHOUSE_UNAVAILABLE at the first use, like any engine that does not answer.
    await folder.prepare().catch(() => undefined)
    return new DuckdbWarehouse(name, folder, options)
  },
}

class DuckdbWarehouse implements Warehouse {
  readonly kind = kind
  readonly dialect = duckdbDialect
  readonly capabilities = capabilities
  readonly streams = connectionsOfReader
  readonly #reader: DuckdbReader

  constructor(
    readonly name: string,
    private readonly folder: WarehouseFolder,
    private readonly options: DuckdbOptions,
  ) {
    this.#reader = new DuckdbReader(name, folder, options)
  }

  query(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Row[]> {
    return this.#reader.query(statement, builds, options)
  }

  queryCells(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Cells> {
    return this.#reader.queryCells(statement, builds, options)
  }

  stream(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<readonly Row[]> {
    return this.#reader.stream(statement, builds, options)
  }

  cells(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<Cells> {
    return this.#reader.cells(statement, builds, options)
  }

  pool() {
    return this.#reader.pool()
  }

  async ping(): Promise<void> {
    try {
      await mkdir(this.folder.path, { recursive: true })
      await readdir(this.folder.path)
    } catch (error) {
      throw unavailable(this.name, this.folder.path, error)
    }
    await this.#reader.query({ sql: 'SELECT 1', params: [], columns: [] }, [])
  }

  async setup(): Promise<readonly string[]> {
    try {
      return await setupFolder(this.folder)
    } catch (error) {
      throw unavailable(this.name, this.folder.path, error)
    }
  }

  diagnose(): Promise<Diagnosis> {
    const columns = [{ name: 'version', type: { kind: 'text' } }] as const
    return diagnoseFolder(this.folder, async () => {
      const [row] = await this.#reader.query({ sql: 'SELECT version() AS version', params: [], columns }, [])
      return String(row?.version).replace(/^v/, '')
    })
  }

  openWriter(token: bigint, entities: readonly Entity[]): Promise<WarehouseWriter> {
    return DuckdbWriter.open(this.name, this.folder, this.options, token, entities)
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}
