import type { DuckDBConnection } from '@duckdb/node-api'

/** All connections were lent for as long as anybody may wait for one. */
export class AllBusy extends Error {
  constructor() {
    super('AllBusy: no connection became free in time')
  }
}

/** A few connections, made when first needed, lent to one borrower at a time. */
export class Connections {
  readonly #idle: DuckDBConnection[] = []
  readonly #waiting = new Set<(connection: DuckDBConnection) => void>()
  #made = 0

  constructor(
    private readonly make: () => Promise<DuckDBConnection>,
    private readonly most: number,
    private readonly patienceMs: number,
  ) {}

  states(): Readonly<Record<'busy' | 'idle' | 'waiting', number>> {
    const idle = this.#idle.length
    return { busy: this.#made - idle, idle, waiting: this.#waiting.size }
  }

  /** Throws the signal's reason when it is aborted before there is a connection, and `AllBusy` when there is none in time. */
  async lend<T>(signal: AbortSignal, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const connection = await this.#borrow(signal)
    try {
      return await work(connection)
    } finally {
      const [next] = this.#waiting
      if (next === undefined) this.#idle.push(connection)
      else next(connection)
    }
  }

  async #borrow(signal: AbortSignal): Promise<DuckDBConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#made >= this.most) return this.#wait(signal)
    this.#made += 1
    try {
      return await this.make()
    } catch (error) {
      this.#made -= 1
      throw error
    }
  }

  /** In turn. */
  #wait(signal: AbortSignal): Promise<DuckDBConnection> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        this.#waiting.delete(take)
      }
      const take = (connection: DuckDBConnection) => {
        leave()
        resolve(connection)
      }
      const giveUp = (error: unknown) => {
        leave()
        reject(error)
      }
      const aborted = () => giveUp(signal.reason)
      const timer = setTimeout(() => giveUp(new AllBusy()), this.patienceMs)
      signal.addEventListener('abort', aborted, { once: true })
      this.#waiting.add(take)
    })
  }
}
