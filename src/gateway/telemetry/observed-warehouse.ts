import type { BuildRef } from '../../../warehouses/contract/builds.js'
import { WarehouseError } from '../../../warehouses/contract/errors.js'
import type { Row, Statement } from '../../../warehouses/contract/values.js'
import type { QueryOptions, WarehouseReader } from '../../../warehouses/contract/warehouse.js'
import type { Span, Tracing } from '../../tracing/tracing.js'
import type { GatewayLogger } from '../logger.js'
import type { EndedStatement, Meter } from './meter.js'

export interface Observers {
  readonly meter: Meter | undefined
  readonly tracing: Tracing | undefined
  readonly logger: GatewayLogger
  /** A statement that takes longer is logged; 0: none is. */
  readonly slowMs: number
}

/** A warehouse whose statements are measured, traced, and logged where they are slow. Their text holds no values: those are bound. */
export class ObservedWarehouse implements WarehouseReader {
  readonly name: string
  readonly kind: string
  readonly capabilities: WarehouseReader['capabilities']
  readonly dialect: WarehouseReader['dialect']
  readonly streams?: number
  readonly cells?: NonNullable<WarehouseReader['cells']>
  readonly queryCells?: NonNullable<WarehouseReader['queryCells']>
  readonly estimate?: NonNullable<WarehouseReader['estimate']>
  readonly pool?: NonNullable<WarehouseReader['pool']>

  constructor(
    private readonly inner: WarehouseReader,
    private readonly observers: Observers,
  ) {
    this.name = inner.name
    this.kind = inner.kind
    this.capabilities = inner.capabilities
    this.dialect = inner.dialect
    const { estimate, pool, streams } = inner
    if (inner.cells) {
      const cells = inner.cells.bind(inner)
      this.cells = (statement, builds, options) =>
        this.streamed(
          () => cells(statement, builds, options),
          (piece) => piece.rows,
          statement,
          options,
        )
    }
    if (inner.queryCells) {
      const read = inner.queryCells.bind(inner)
      this.queryCells = (statement, builds, options) =>
        this.queried(
          () => read(statement, builds, options),
          ({ rows }) => rows,
          statement,
          options,
        )
    }
    if (streams !== undefined) this.streams = streams
    if (estimate) this.estimate = estimate.bind(inner)
    if (pool) this.pool = pool.bind(inner)
  }

  query(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Row[]> {
    return this.queried(
      () => this.inner.query(statement, builds, options),
      ({ length }) => length,
      statement,
      options,
    )
  }

  private async queried<T>(
    read: () => Promise<T>,
    rowsOf: (answer: T) => number,
    statement: Statement,
    options: QueryOptions | undefined,
  ): Promise<T> {
    const ended = this.begin(statement, options)
    try {
      const answer = await ended.span(read)
      ended.well(rowsOf(answer))
      return answer
    } catch (error) {
      ended.badly(error)
      throw error
    }
  }

  stream(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncGenerator<readonly Row[]> {
    const open = () => this.inner.stream(statement, builds, options)
    return this.streamed(open, ({ length }) => length, statement, options)
  }

  ping(): Promise<void> {
    return this.inner.ping()
  }

  private async *streamed<T>(
    open: () => AsyncIterable<T>,
    rowsOf: (piece: T) => number,
    statement: Statement,
    options: QueryOptions | undefined,
  ): AsyncGenerator<T> {
    const ended = this.begin(statement, options)
    let rows = 0
    let failure: { readonly error: unknown } | undefined
    try {
      for await (const piece of open()) {
        rows += rowsOf(piece)
        ended.pause()
        yield piece
        ended.resume()
      }
    } catch (error) {
      failure = { error }
      throw error
    } finally {
      // Also where nobody takes the rest.
      if (failure) ended.badly(failure.error)
      else ended.well(rows)
    }
  }

  private begin({ sql }: Statement, options: QueryOptions = {}) {
    const { meter, tracing, logger, slowMs } = this.observers
    let spent = 0
    let since: number | undefined = performance.now()
    const pause = (): void => {
      if (since !== undefined) spent += performance.now() - since
      since = undefined
    }
    const span: Span | undefined = tracing?.span(`statement ${this.name}`, {
      'db.system.name': this.kind,
      'db.namespace': this.name,
      'db.query.text': sql,
    })
    const end = (outcome: EndedStatement['outcome']): void => {
      pause()
      const ms = spent
      meter?.statement({ warehouse: this.name, outcome, seconds: ms / 1000 })
      if (slowMs === 0 || ms < slowMs) return
      logger.warn('slow statement', {
        ...{ requestId: options.requestId, warehouse: this.name, outcome, ms: Math.round(ms) },
        sql: sql.slice(0, 4_000),
      })
    }
    return {
      /** While whoever asked is busy with what he has: his time is not the warehouse's. */
      pause,
      resume: (): void => {
        since = performance.now()
      },
      span: <T>(work: () => T): T => (span ? span.within(work) : work()),
      well: (rows: number): void => {
        end('done')
        span?.end({ 'db.response.returned_rows': rows })
      },
      badly: (error: unknown): void => {
        end(outcomeOf(error))
        span?.end({}, error instanceof WarehouseError ? error.code : 'failed')
      },
    }
  }
}

function outcomeOf(error: unknown): EndedStatement['outcome'] {
  if (!(error instanceof WarehouseError)) return 'failed'
  if (error.code === 'CANCELLED') return 'cancelled'
  return error.code === 'STATEMENT_TIMEOUT' ? 'timeout' : 'failed'
}
