import type { DuckDBConnection } from '@duckdb/node-api'
import type { BuildRef } from '../../contract/builds.js'
import { type Cells, rowsOf } from '../../contract/cells.js'
import type { Row, Statement } from '../../contract/values.js'
import type { QueryOptions } from '../../contract/warehouse.js'
import { checkedTag } from '../../toolkit/build-tag.js'
import { refuseIfAborted } from '../../toolkit/errors.js'
import { handedOver } from '../../toolkit/handed-over.js'
import { StatementEnd } from '../../toolkit/statement-end.js'
import { AttachedBuilds, type StoredOrders } from './attached-builds.js'
import { readCells, streamCells } from './cells.js'
import { AllBusy, Connections } from './connections.js'
import { Engine } from './engine.js'
import { allBusy, isFatal, toWarehouseError } from './errors.js'
import type { WarehouseFolder } from './folder.js'
import type { DuckdbOptions } from './options.js'
import { PreparedStatements } from './prepared.js'
import { readRows } from './values.js'

/** As many statements as Node has threads for them: more would wait there, where they cannot be interrupted. */
export const connectionsOfReader = 4
const interruptEveryMs = 20

/** As long as one waits for a connection of PostgreSQL. */
const patienceMs = 10_000

/** Exports have an instance of their own: they take as long as their clients do, and of what they read nothing need be kept in memory. */
type Kind = 'queries' | 'exports'

/** Of all exports together, for blocks of the file and for sorting what does not lie in the order that is asked for, on disk where there is no room. */
const memoryOfExportsMb = 256
/** Each of them holds memory: with many, there would not be enough of it. */
const threadsOfExports = 2

interface Opened {
  readonly engine: Engine
  readonly builds: AttachedBuilds
  readonly connections: Connections
}

/** An instance and the statements that are in it. */
interface Instance {
  readonly opened: Promise<Opened>
  uses: number
  /** No statement begins in it any more; the last one that ends closes it. */
  discarded: boolean
}

/** Statements of readers, in an instance in memory that opens build files read-only. */
export class DuckdbReader {
  readonly #instances = new Map<Kind, Instance>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #prepared = new PreparedStatements()
  /** Those of the last instance for questions. */
  #connections: Connections | undefined

  constructor(
    private readonly warehouse: string,
    private readonly folder: WarehouseFolder,
    private readonly options: DuckdbOptions,
    private readonly openEngine: typeof Engine.open = Engine.open,
  ) {}

  /** Of questions; exports are counted by their places. */
  pool(): ReturnType<Connections['states']> {
    return this.#connections?.states() ?? { busy: 0, idle: 0, waiting: 0 }
  }

  /** By way of their text: the engine's own package takes a byte order mark from the front of a text (U+FEFF), which belongs to it. */
  async query(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Row[]> {
    const { columns } = statement
    if (columns.length === 0) {
      await this.#queried(statement, builds, options, readRows)
      return []
    }
    return rowsOf(await this.queryCells(statement, builds, options), columns)
  }

  queryCells(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Cells> {
    return this.#queried(statement, builds, options, (connection, given) =>
      readCells(connection, given, this.#prepared),
    )
  }

  #queried<T>(
    statement: Statement,
    builds: readonly BuildRef[],
    options: QueryOptions | undefined,
    read: (connection: DuckDBConnection, statement: Statement) => Promise<T>,
  ): Promise<T> {
    return this.#whileOpen('queries', builds, options, (connection, end, orders) =>
      this.#run(connection, end, () => read(connection, page(statement, orders))),
    )
  }

  async *stream(
    statement: Statement,
    builds: readonly BuildRef[],
    options?: QueryOptions,
  ): AsyncGenerator<readonly Row[]> {
    for await (const piece of this.cells(statement, builds, options)) yield rowsOf(piece, statement.columns)
  }

  cells(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<Cells> {
    return handedOver((give) =>
      this.#whileOpen('exports', builds, options, async (connection, end, orders) => {
        const { statement: lying, most } = unsorted(statement, orders)
        const giveInTime = async (piece: Cells): Promise<void> => {
          await give(piece)
          end.signal.throwIfAborted()
        }
        try {
          await this.#run(connection, end, () => streamCells(connection, lying, most, giveInTime))
        } finally {
          // The next statement lets go of what is left of this one's answer.
          await connection.run('SELECT 1').catch(() => undefined)
        }
      }),
    )
  }

  async #whileOpen<T>(
    kind: Kind,
    builds: readonly BuildRef[],
    { signal, timeoutMs = this.options.statementTimeoutMs }: QueryOptions = {},
    work: (connection: DuckDBConnection, end: StatementEnd, orders: StoredOrders) => Promise<T>,
  ): Promise<T> {
    const tags = [...new Set(builds.map((build) => checkedTag(this.warehouse, build)))]
    refuseIfAborted(this.warehouse, signal)
    const end = new StatementEnd(signal, timeoutMs)
    const answer = this.#inInstance(kind, (opened) =>
      opened.builds.using(tags, (orders) =>
        opened.connections.lend(end.signal, (connection) => work(connection, end, orders)),
      ),
    )
    this.#running.add(answer)
    try {
      return await answer
    } catch (error) {
      if (error instanceof AllBusy) throw allBusy(this.warehouse, patienceMs / 1_000)
      throw toWarehouseError(this.warehouse, error, end.interruption)
    } finally {
      end.release()
      this.#running.delete(answer)
    }
  }

  /** Waits for the statements that run. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running])
    for (const [kind, instance] of this.#instances) await this.#discard(kind, instance)
  }

  /** After a fatal error the instance refuses everything, and one that could not be opened is none: the next statement gets a new one. */
  async #inInstance<T>(kind: Kind, work: (opened: Opened) => Promise<T>): Promise<T> {
    const instance = this.#instances.get(kind) ?? { opened: this.#open(kind), uses: 0, discarded: false }
    this.#instances.set(kind, instance)
    instance.uses += 1
    let isOpen = false
    try {
      const opened = await instance.opened
      isOpen = true
      return await work(opened)
    } catch (error) {
      if (!isOpen || isFatal(error)) await this.#discard(kind, instance)
      throw error
    } finally {
      instance.uses -= 1
      await this.#closeIfUnused(instance)
    }
  }

  /** Nobody but `instance` itself: while its statements still failed, another one may have taken its place. */
  async #discard(kind: Kind, instance: Instance): Promise<void> {
    if (this.#instances.get(kind) === instance) this.#instances.delete(kind)
    instance.discarded = true
    await this.#closeIfUnused(instance)
  }

  async #closeIfUnused(instance: Instance): Promise<void> {
    if (!instance.discarded || instance.uses > 0) return
    const opened = await instance.opened.catch(() => undefined)
    await opened?.engine.close()
  }

  async #run<T>(connection: DuckDBConnection, end: StatementEnd, work: () => Promise<T>): Promise<T> {
    let repeat: NodeJS.Timeout | undefined
    // Again and again: an interrupt that comes before the engine has begun is lost.
    const interrupt = () => {
      connection.interrupt()
      repeat ??= setInterval(() => connection.interrupt(), interruptEveryMs)
    }
    end.signal.throwIfAborted()
    end.signal.addEventListener('abort', interrupt, { once: true })
    try {
      const done = await work()
      end.signal.throwIfAborted()
      return done
    } finally {
      clearInterval(repeat)
      end.signal.removeEventListener('abort', interrupt)
    }
  }

  async #open(kind: Kind): Promise<Opened> {
    const { memoryLimitMb, threads = threadsOfExports } = this.options
    const limits = {
      memoryLimitMb: Math.min(memoryLimitMb, memoryOfExportsMb),
      threads: Math.min(threads, threadsOfExports),
    }
    const options = kind === 'queries' ? this.options : { ...this.options, ...limits }
    try {
      const engine = await this.openEngine(':memory:', 'reader', this.folder, options)
      const builds = new AttachedBuilds(this.warehouse, this.folder, await engine.connect())
      const connections = new Connections(() => engine.connect(), connectionsOfReader, patienceMs)
      if (kind === 'queries') this.#connections = connections
      return { engine, builds, connections }
    } catch (error) {
      throw toWarehouseError(this.warehouse, error)
    }
  }
}

/** Without sorting, where the rows of the build lie in the very order; and how many of them are asked for. */
function unsorted(
  statement: Statement,
  orders: StoredOrders,
): { readonly statement: Statement; readonly most: number } {
  const { inReadingOrder: lying } = statement
  if (!lying || orders.get(lying.tag)?.get(lying.model) !== lying.order)
    return { statement, most: Number.POSITIVE_INFINITY }
  return { statement: { ...statement, sql: lying.sql }, most: lying.limit ?? Number.POSITIVE_INFINITY }
}

/** The same for a page, which is held in memory anyway. */
function page(given: Statement, orders: StoredOrders): Statement {
  const { statement, most } = unsorted(given, orders)
  return statement === given || !Number.isFinite(most)
    ? statement
    : { ...statement, sql: `${statement.sql}\nLIMIT ${most}` }
}
