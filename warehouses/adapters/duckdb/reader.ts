import type { DuckDBConnection } from '@duckdb/node-api'
import type { BuildRef } from '../../contract/builds.js'
import type { Row, Statement } from '../../contract/values.js'
import type { QueryOptions } from '../../contract/warehouse.js'
import { checkedTag } from '../../toolkit/build-tag.js'
import { refuseIfAborted } from '../../toolkit/errors.js'
import { AttachedBuilds } from './attached-builds.js'
import { Connections } from './connections.js'
import { Engine } from './engine.js'
import { type Interruption, isFatal, toWarehouseError } from './errors.js'
import type { WarehouseFolder } from './folder.js'
import type { DuckdbOptions } from './options.js'
import { readRows } from './values.js'

/** As many statements as Node has threads for them: more would wait there, where they cannot be interrupted. */
const connectionsOfReader = 4
const interruptEveryMs = 20

interface Opened {
  readonly engine: Engine
  readonly builds: AttachedBuilds
  readonly connections: Connections
}

/** Statements of readers, in an instance in memory that opens build files read-only. */
export class DuckdbReader {
  #opened: Promise<Opened> | undefined
  readonly #running = new Set<Promise<unknown>>()

  constructor(
    private readonly warehouse: string,
    private readonly folder: WarehouseFolder,
    private readonly options: DuckdbOptions,
  ) {}

  async query(statement: Statement, builds: readonly BuildRef[], options: QueryOptions = {}): Promise<Row[]> {
    const tags = [...new Set(builds.map((build) => checkedTag(this.warehouse, build)))]
    refuseIfAborted(this.warehouse, options.signal)
    const opened = await this.#open()
    const answer = opened.builds.using(tags, () =>
      opened.connections.lend((connection) => this.#run(connection, statement, options)),
    )
    this.#running.add(answer)
    try {
      return await answer
    } catch (error) {
      if (error instanceof Error && isFatal(error.cause)) this.#opened = undefined
      throw toWarehouseError(this.warehouse, error)
    } finally {
      this.#running.delete(answer)
    }
  }

  /** Waits for the statements that run. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running])
    const opened = this.#opened
    this.#opened = undefined
    await (await opened)?.engine.close()
  }

  async #run(connection: DuckDBConnection, statement: Statement, options: QueryOptions): Promise<Row[]> {
    const { signal, timeoutMs = this.options.statementTimeoutMs } = options
    refuseIfAborted(this.warehouse, signal)
    let interruption: Interruption
    let repeat: NodeJS.Timeout | undefined
    // Again and again: an interrupt that comes before the engine has begun is lost.
    const interrupt = (reason: Interruption) => {
      interruption ??= reason
      connection.interrupt()
      repeat ??= setInterval(() => connection.interrupt(), interruptEveryMs)
    }
    const abort = () => interrupt('aborted')
    signal?.addEventListener('abort', abort, { once: true })
    const timeout = setTimeout(() => interrupt('timeout'), timeoutMs)
    try {
      const rows = await readRows(connection, statement)
      refuseIfAborted(this.warehouse, signal)
      return rows
    } catch (error) {
      throw toWarehouseError(this.warehouse, error, interruption)
    } finally {
      clearTimeout(timeout)
      clearInterval(repeat)
      signal?.removeEventListener('abort', abort)
    }
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#start().catch((error: unknown) => {
      this.#opened = undefined
      throw toWarehouseError(this.warehouse, error)
    })
    return this.#opened
  }

  async #start(): Promise<Opened> {
    const engine = await Engine.open(':memory:', 'reader', this.folder, this.options)
    const builds = new AttachedBuilds(this.warehouse, this.folder, await engine.connect())
    return { engine, builds, connections: new Connections(() => engine.connect(), connectionsOfReader) }
  }
}
