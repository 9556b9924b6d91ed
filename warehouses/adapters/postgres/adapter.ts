import { join } from 'node:path'
import type pg from 'pg'
import { z } from 'zod'
import type { Entity } from '../../../models/types.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Cells } from '../../contract/cells.js'
import type { Diagnosis } from '../../contract/diagnosis.js'
import { WarehouseError } from '../../contract/errors.js'
import { serverLocation } from '../../contract/location.js'
import type { Row, Statement } from '../../contract/values.js'
import type {
  Capabilities,
  QueryOptions,
  Warehouse,
  WarehouseAdapter,
  WarehouseWriter,
} from '../../contract/warehouse.js'
import { diagnosePostgres } from '../../postgresql/diagnose.js'
import { isConnectionFailure } from '../../postgresql/failure.js'
import { refusalOf } from '../../postgresql/refusal.js'
import { setupPostgres } from '../../postgresql/setup.js'
import { postgresLocation } from '../../postgresql/url.js'
import { clientConfig, readerPool } from './connection.js'
import { postgresDialect } from './dialect.js'
import { toWarehouseError } from './errors.js'
import { type PostgresOptions, postgresOptions } from './options.js'
import { PostgresReader } from './reader.js'
import { schemas } from './schema.js'
import { WriterSession } from './session.js'
import { PostgresWriter } from './writer.js'

const kind = 'postgres'

/** Connections of exports, besides those of `poolSize`; further ones wait. */
const mostExports = 4
const capabilities: Capabilities = {
  views: true,
  anyNames: true,
  estimates: false,
  maxBytesBilled: false,
}

export const postgresAdapter: WarehouseAdapter<PostgresOptions> = {
  kind,
  dialect: postgresDialect,
  capabilities,
  parseOptions: (raw) => postgresOptions.parse(raw),
  optionsJsonSchema: () => z.toJSONSchema(postgresOptions, { io: 'input' }),
  location: ({ url, database = 'warehouse' }) =>
    url === undefined ? serverLocation('postgres', 'embedded', '', [database]) : postgresLocation(url),
  async open(name, options, environment) {
    const url = options.url ?? (await environment.embeddedPostgres(options.database ?? 'warehouse'))
    return new PostgresWarehouse(name, await clientConfig(url, options), options, environment.directory)
  },
}

class PostgresWarehouse implements Warehouse {
  readonly kind = kind
  readonly dialect = postgresDialect
  readonly capabilities = capabilities
  readonly streams: number
  readonly #pool: pg.Pool
  readonly #exports: pg.Pool
  readonly #reader: PostgresReader

  constructor(
    readonly name: string,
    private readonly config: pg.ClientConfig,
    private readonly options: PostgresOptions,
    private readonly directory: string,
  ) {
    this.#pool = readerPool(config, options)
    this.streams = Math.min(options.poolSize, mostExports)
    this.#exports = readerPool(config, { ...options, poolSize: this.streams })
    this.#reader = new PostgresReader(name, this.#pool, config, options.statementTimeoutMs)
  }

  query(statement: Statement, _builds: readonly BuildRef[], options?: QueryOptions): Promise<Row[]> {
    return this.#reader.query(statement, options)
  }

  queryCells(statement: Statement, _builds: readonly BuildRef[], options?: QueryOptions): Promise<Cells> {
    return this.#reader.queryCells(statement, options)
  }

  stream(statement: Statement, _builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<readonly Row[]> {
    return this.#reader.stream(statement, this.#exports, options)
  }

  cells(statement: Statement, _builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<Cells> {
    return this.#reader.cells(statement, this.#exports, options)
  }

  pool() {
    const { totalCount, idleCount, waitingCount } = this.#pool
    return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount }
  }

  async ping(): Promise<void> {
    await this.#reader.query({ sql: 'SELECT 1', params: [], columns: [] }, { timeoutMs: 5_000 })
  }

  openWriter(token: bigint, entities: readonly Entity[]): Promise<WarehouseWriter> {
    const session = new WriterSession(this.name, this.config, token, this.options.lockTimeoutMs)
    return PostgresWriter.open(session, entities, join(this.directory, 'load', String(token)))
  }

  async setup(): Promise<readonly string[]> {
    try {
      return await setupPostgres(this.config, schemas)
    } catch (error) {
      if (isConnectionFailure(error)) {
        const message = `Warehouse ${this.name} does not answer: ${refusalOf(error)}`
        throw new WarehouseError('WAREHOUSE_UNAVAILABLE', this.name, message, { cause: error })
      }
      throw toWarehouseError(this.name, error)
    }
  }

  diagnose(): Promise<Diagnosis> {
    return diagnosePostgres(this.config, schemas)
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#exports.end()])
  }
}
