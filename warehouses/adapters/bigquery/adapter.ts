import { z } from 'zod'
import type { Entity } from '../../../models/types.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Diagnosis } from '../../contract/diagnosis.js'
import type { Dialect } from '../../contract/dialect.js'
import { WarehouseError } from '../../contract/errors.js'
import type { Row, Statement } from '../../contract/values.js'
import type {
  Capabilities,
  QueryOptions,
  Warehouse,
  WarehouseAdapter,
  WarehouseWriter,
} from '../../contract/warehouse.js'
import { openClient } from './client.js'
import { bigqueryDialect, bigqueryDialectAt } from './dialect.js'
import { failureOf } from './errors.js'
import { Jobs, type QueryJob } from './jobs.js'
import { isOneSelect } from './one-select.js'
import { type BigqueryOptions, bigqueryLocation, bigqueryOptions } from './options.js'
import { impatient } from './retry.js'
import { diagnoseDataset, setupDataset } from './setup.js'
import { toRows } from './values.js'
import { BigqueryWriter } from './writer.js'

const kind = 'bigquery'
const capabilities: Capabilities = {
  views: true,
  anyNames: false,
  estimates: true,
  maxBytesBilled: true,
}

export const bigqueryAdapter: WarehouseAdapter<BigqueryOptions> = {
  kind,
  dialect: bigqueryDialect,
  capabilities,
  parseOptions: (raw) => bigqueryOptions.parse(raw),
  optionsJsonSchema: () => z.toJSONSchema(bigqueryOptions, { io: 'input' }),
  location: bigqueryLocation,
  open: async (name, options) => new BigqueryWarehouse(new Jobs(name, await openClient(options), options), options),
}

class BigqueryWarehouse implements Warehouse {
  readonly kind = kind
  readonly capabilities = capabilities
  readonly dialect: Dialect
  readonly name: string

  constructor(
    private readonly jobs: Jobs,
    private readonly options: BigqueryOptions,
  ) {
    this.name = jobs.warehouse
    this.dialect = bigqueryDialectAt(options)
  }

  async query(statement: Statement, _builds: readonly BuildRef[], options: QueryOptions = {}): Promise<Row[]> {
    const { rows } = await this.jobs.query(this.#job(statement, 'read', options))
    return toRows(rows, statement.columns)
  }

  async *stream(
    statement: Statement,
    _builds: readonly BuildRef[],
    options: QueryOptions = {},
  ): AsyncGenerator<readonly Row[]> {
    for await (const rows of this.jobs.pages(this.#job(statement, 'export', options)))
      if (rows.length > 0) yield toRows(rows, statement.columns)
  }

  async estimate({ sql, params }: Statement, _builds: readonly BuildRef[], options: QueryOptions = {}) {
    const { signal, timeoutMs = this.options.statementTimeoutMs } = options
    const limits = { timeoutMs, ...(signal === undefined ? {} : { signal }) }
    return { bytes: await this.jobs.estimate(this.#reading(sql), params, limits) }
  }

  /** Asks for the dataset, which costs nothing. That there is none yet is an answer as well. */
  async ping(): Promise<void> {
    try {
      await this.jobs.request((client) => client.dataset(this.options.dataset).getMetadata(), impatient)
    } catch (error) {
      if (!(error instanceof WarehouseError) || error.code === 'WAREHOUSE_UNAVAILABLE') throw error
      if (failureOf(error.cause).status === 404) return
      throw new WarehouseError('WAREHOUSE_UNAVAILABLE', this.name, error.message, { cause: error })
    }
  }

  setup(): Promise<readonly string[]> {
    return setupDataset(this.jobs, this.options)
  }

  diagnose(): Promise<Diagnosis> {
    return diagnoseDataset(this.jobs, this.options)
  }

  openWriter(token: bigint, entities: readonly Entity[]): Promise<WarehouseWriter> {
    return BigqueryWriter.open(this.jobs, this.options, token, entities)
  }

  async close(): Promise<void> {}

  #job(statement: Statement, purpose: string, options: QueryOptions): QueryJob {
    const { signal, onRead, timeoutMs = this.options.statementTimeoutMs } = options
    const maxBytesBilled = this.#limit(options.maxBytesBilled)
    return {
      ...{ sql: this.#reading(statement.sql), params: statement.params, purpose, timeoutMs },
      ...(signal === undefined ? {} : { signal }),
      ...(onRead === undefined ? {} : { onRead }),
      ...(maxBytesBilled === undefined ? {} : { maxBytesBilled }),
    }
  }

  /** The account that reads may be allowed to write as well: only one SELECT passes here, and a SELECT changes nothing. */
  #reading(sql: string): string {
    if (isOneSelect(sql)) return sql
    throw new WarehouseError(
      'WAREHOUSE_ERROR',
      this.name,
      `Warehouse ${this.name} refused a statement: a reader sends one SELECT, and no semicolon but in a plain text.`,
    )
  }

  #limit(asked: bigint | undefined): bigint | undefined {
    const { maxBytesBilled } = this.options
    if (maxBytesBilled === undefined) return asked
    const own = BigInt(maxBytesBilled)
    return asked === undefined || own < asked ? own : asked
  }
}
