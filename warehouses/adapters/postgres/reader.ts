import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type pg from 'pg'
import type { Cells } from '../../contract/cells.js'
import type { Row, Statement } from '../../contract/values.js'
import type { QueryOptions } from '../../contract/warehouse.js'
import { isConnectionFailure } from '../../postgresql/failure.js'
import { refuseIfAborted, statementTimeout } from '../../toolkit/errors.js'
import { StatementEnd } from '../../toolkit/statement-end.js'
import { CellsQuery } from './cells-query.js'
import { backendOf, connect } from './connection.js'
import { toWarehouseError } from './errors.js'
import { readRows, streamRows } from './values.js'

/** Statements that a connection prepares before it is given up for a new one: each holds memory in the server. */
const maxPrepared = 200

/** What takes longer is not prepared again: planning it for its values costs little beside that, and one plan for any values may be the reason. */
const slowMs = 100
const maxSlow = 1_000

/** Statements of readers, each on a connection from the pool, cancelled in the server when their caller goes away. */
export class PostgresReader {
  /** What `statement_timeout` a connection was given last; it costs a round trip only when it changes. */
  readonly #timeouts = new WeakMap<pg.ClientBase, number>()

  constructor(
    private readonly warehouse: string,
    private readonly pool: pg.Pool,
    private readonly config: pg.ClientConfig,
    private readonly defaultTimeoutMs: number,
  ) {}

  /** Names of the statements that a connection has prepared, by their text. */
  readonly #prepared = new WeakMap<pg.ClientBase, Map<string, string>>()

  /** Texts that took long. */
  readonly #slow = new LRUCache<string, true>({ max: maxSlow })

  query(statement: Statement, options?: QueryOptions): Promise<Row[]> {
    return this.#lent(statement, (client) => readRows(client, statement, this.#nameOf(client, statement)), options)
  }

  /** As `query`. */
  queryCells(statement: Statement, options?: QueryOptions): Promise<Cells> {
    return this.#lent(
      statement,
      (client) => {
        const name = this.#nameOf(client, statement)
        return client.query(new CellsQuery(statement, { name, short: true })).all()
      },
      options,
    )
  }

  async #lent<T>(
    { sql }: Statement,
    read: (client: pg.ClientBase) => Promise<T>,
    options: QueryOptions = {},
  ): Promise<T> {
    const { signal, timeoutMs = this.defaultTimeoutMs } = options
    refuseIfAborted(this.warehouse, signal)
    const client = await this.pool.connect().catch((error: unknown) => {
      throw toWarehouseError(this.warehouse, error)
    })
    let broken = false
    let settled = false
    let began = Number.POSITIVE_INFINITY
    let cancelling: Promise<void> | undefined
    const cancel = () => {
      cancelling = this.#cancel(client, () => settled)
    }
    try {
      refuseIfAborted(this.warehouse, signal)
      signal?.addEventListener('abort', cancel, { once: true })
      if (this.#limits(client, timeoutMs)) await this.#limit(client, timeoutMs)
      began = performance.now()
      const answer = await read(client)
      refuseIfAborted(this.warehouse, signal)
      return answer
    } catch (error) {
      broken = isConnectionFailure(error)
      throw toWarehouseError(this.warehouse, error, signal?.aborted)
    } finally {
      settled = true
      if (performance.now() - began > slowMs) this.#slow.set(sql, true)
      signal?.removeEventListener('abort', cancel)
      if (cancelling) await cancelling
      // A cancel may reach the server late and hit the connection's next statement: such a connection is not used again.
      client.release(broken || cancelling !== undefined || this.#isFull(client))
    }
  }

  #isFull(client: pg.ClientBase): boolean {
    return (this.#prepared.get(client)?.size ?? 0) >= maxPrepared
  }

  /**
   * `exports` lends the connection: those of other readers are not kept waiting for the client of an export. The time is kept here, since the server's own
   * limit counts anew for each piece.
   */
  stream(statement: Statement, exports: pg.Pool, options?: QueryOptions): AsyncGenerator<Row[]> {
    return this.#streamed((client) => streamRows(client, statement), exports, options)
  }

  /** As `stream`. */
  cells(statement: Statement, exports: pg.Pool, options?: QueryOptions): AsyncGenerator<Cells> {
    return this.#streamed((client) => client.query(new CellsQuery(statement)).cells(), exports, options)
  }

  async *#streamed<T>(
    read: (client: pg.ClientBase) => AsyncGenerator<T>,
    exports: pg.Pool,
    options: QueryOptions = {},
  ): AsyncGenerator<T> {
    const { signal, timeoutMs = this.defaultTimeoutMs } = options
    refuseIfAborted(this.warehouse, signal)
    const client = await exports.connect().catch((error: unknown) => {
      throw toWarehouseError(this.warehouse, error)
    })
    const end = new StatementEnd(signal, timeoutMs)
    let working = true
    let whole = false
    let cancelling: Promise<void> | undefined
    // Between two pieces there is nothing to cancel: the connection is closed when the next one is asked for, or when nobody asks.
    const cancel = () => {
      cancelling = this.#cancel(client, () => !working)
    }
    try {
      end.signal.addEventListener('abort', cancel, { once: true })
      await this.#limit(client, timeoutMs)
      for await (const piece of read(client)) {
        working = false
        end.signal.throwIfAborted()
        yield piece
        end.signal.throwIfAborted()
        working = true
      }
      end.signal.throwIfAborted()
      whole = true
    } catch (error) {
      if (end.interruption === 'timeout') throw statementTimeout(this.warehouse, error)
      throw toWarehouseError(this.warehouse, error, end.interruption === 'aborted')
    } finally {
      working = false
      end.release()
      end.signal.removeEventListener('abort', cancel)
      await cancelling
      client.release(!whole || cancelling !== undefined)
    }
  }

  /**
   * Undefined for what adds rows up or took long: of a text that is prepared the server makes one plan for any values from the sixth time on, which took twice as long for those of 1.5 million
   * rows. And once the connection holds as many as it may: texts name their build, so that old ones are never asked for again.
   */
  #nameOf(client: pg.ClientBase, { sql, aggregates }: Statement): string | undefined {
    if (aggregates || this.#slow.has(sql)) return undefined
    const names = this.#prepared.get(client) ?? new Map<string, string>()
    this.#prepared.set(client, names)
    const known = names.get(sql)
    if (known !== undefined || names.size >= maxPrepared) return known
    const name = `goldgate_${names.size}`
    names.set(sql, name)
    return name
  }

  /** Whether the connection has to be told its time. */
  #limits(client: pg.ClientBase, timeoutMs: number): boolean {
    return this.#timeouts.get(client) !== limitOf(timeoutMs)
  }

  async #limit(client: pg.ClientBase, timeoutMs: number): Promise<void> {
    const limit = limitOf(timeoutMs)
    if (!this.#limits(client, timeoutMs)) return
    await client.query(`SET statement_timeout = ${limit}`)
    this.#timeouts.set(client, limit)
  }

  /** Asks until the statement is over: a cancel that comes before the statement began is lost. */
  async #cancel(client: pg.ClientBase, settled: () => boolean): Promise<void> {
    const backend = backendOf(client)
    if (backend === undefined) return
    let canceller: pg.Client | undefined
    try {
      canceller = await connect({ ...this.config, application_name: 'goldgate cancel' })
      while (!settled()) {
        await canceller.query('SELECT pg_cancel_backend($1)', [backend])
        await sleep(20)
      }
    } catch {
      // The server takes no connection now; its statement_timeout ends the statement.
    } finally {
      await canceller?.end().catch(() => undefined)
    }
  }
}

/** Milliseconds of `statement_timeout`. */
const limitOf = (timeoutMs: number): number => Math.max(1, Math.ceil(timeoutMs))
