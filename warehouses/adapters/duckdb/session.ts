import type { DuckDBConnection } from '@duckdb/node-api'
import { fenced } from '../../toolkit/errors.js'
import { OneAtATime } from '../../toolkit/one-at-a-time.js'
import { toWarehouseError } from './errors.js'
import type { WarehouseFolder } from './folder.js'
import type { SilverFile } from './silver-file.js'

/** The one connection of a writer: fenced work, one piece after another. */
export class WriterSession {
  readonly #turns = new OneAtATime()

  constructor(
    readonly warehouse: string,
    readonly folder: WarehouseFolder,
    readonly token: bigint,
    private readonly silver: SilverFile,
    private readonly connection: DuckDBConnection,
  ) {}

  /** One transaction. The fence is looked at before it begins and before it commits. */
  transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.run((connection) => this.atomically(connection, () => work(connection)))
  }

  /** Work outside a transaction, or with its own. */
  run<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#turns.run(async () => {
      try {
        await this.checkFence()
        return await work(this.connection)
      } catch (error) {
        throw toWarehouseError(this.warehouse, error)
      }
    })
  }

  /** Inside `run`. */
  async atomically<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
    await connection.run('BEGIN')
    try {
      const result = await work()
      await this.checkFence()
      await connection.run('COMMIT')
      return result
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Throws `FENCED` when another runner was here with a higher token, or works with a Silver file of its own. */
  async checkFence(): Promise<void> {
    if ((await this.folder.fence()) <= this.token && (await this.silver.isCurrent())) return
    throw fenced(this.warehouse, this.token)
  }

  async close(): Promise<void> {
    await this.#turns.run(async () => {
      this.connection.closeSync()
      await this.silver.close()
    })
  }
}
