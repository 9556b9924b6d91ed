import { access } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { WarehouseError } from '../../contract/errors.js'
import { textLiteral } from '../../dialect/standard.js'
import { OneAtATime } from '../../toolkit/one-at-a-time.js'
import { duckdbDialect } from './dialect.js'
import { unavailable } from './errors.js'
import type { WarehouseFolder } from './folder.js'
import { storedOrders } from './stored-order.js'

/** An open file can be read although it was deleted; this long afterwards at most. */
const believedMs = 1_000

/** By tag and model. */
export type StoredOrders = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The build files that a reading instance has open, each under its tag. Files that were dropped are let go when a new one comes. */
export class AttachedBuilds {
  readonly #seen = new Map<string, number>()
  readonly #attached = new Map<string, Promise<ReadonlyMap<string, string>>>()
  readonly #uses = new Map<string, number>()
  readonly #turns = new OneAtATime()

  constructor(
    private readonly warehouse: string,
    private readonly folder: WarehouseFolder,
    private readonly connection: DuckDBConnection,
  ) {}

  /** Runs `work` while the builds are attached. It is told in which order their tables lie, by tag and model. */
  async using<T>(tags: readonly string[], work: (orders: StoredOrders) => Promise<T>): Promise<T> {
    for (const tag of tags) await this.#requireFile(tag)
    for (const tag of tags) this.#uses.set(tag, (this.#uses.get(tag) ?? 0) + 1)
    try {
      const orders = await Promise.all(tags.map(async (tag) => [tag, await this.#attach(tag)] as const))
      return await work(new Map(orders))
    } finally {
      for (const tag of tags) this.#uses.set(tag, (this.#uses.get(tag) ?? 1) - 1)
    }
  }

  /** Whoever deletes a build shall not be told that all is well. */
  async #requireFile(tag: string): Promise<void> {
    if (!this.#attached.has(tag) || performance.now() - (this.#seen.get(tag) ?? 0) < believedMs) return
    if (!(await exists(this.folder.buildFile(tag)))) throw await this.#missing(tag)
    this.#seen.set(tag, performance.now())
  }

  #attach(tag: string): Promise<ReadonlyMap<string, string>> {
    const known = this.#attached.get(tag)
    if (known !== undefined) return known
    const attaching = this.#turns.run(async () => {
      await this.#detachDropped()
      const file = this.folder.buildFile(tag)
      if (!(await exists(file))) throw await this.#missing(tag)
      await this.connection.run(`ATTACH IF NOT EXISTS ${textLiteral(file)} AS ${duckdbDialect.quote(tag)} (READ_ONLY)`)
      return storedOrders(this.connection, tag)
    })
    this.#attached.set(tag, attaching)
    attaching.catch(() => this.#attached.delete(tag))
    return attaching
  }

  async #detachDropped(): Promise<void> {
    for (const [tag, attaching] of [...this.#attached]) {
      // A build that somebody uses, or waits for, stays; the one that is being attached now is among these.
      if ((this.#uses.get(tag) ?? 0) > 0 || (await exists(this.folder.buildFile(tag)))) continue
      if ((this.#uses.get(tag) ?? 0) > 0 || this.#attached.get(tag) !== attaching) continue
      this.#attached.delete(tag)
      this.#uses.delete(tag)
      this.#seen.delete(tag)
      await this.connection.run(`DETACH ${duckdbDialect.quote(tag)}`)
    }
  }

  async #missing(tag: string): Promise<WarehouseError> {
    try {
      await access(this.folder.path)
    } catch (error) {
      return unavailable(this.warehouse, this.folder.path, error)
    }
    const message = `Warehouse ${this.warehouse} has no build ${tag}: it was never finished, or it was dropped.`
    return new WarehouseError('WAREHOUSE_ERROR', this.warehouse, message)
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
