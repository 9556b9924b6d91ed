import type { DuckDBConnection } from '@duckdb/node-api'

/** A few connections, made when first needed, lent to one borrower at a time. */
export class Connections {
  readonly #idle: DuckDBConnection[] = []
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = []
  #made = 0

  constructor(
    private readonly make: () => Promise<DuckDBConnection>,
    private readonly most: number,
  ) {}

  async lend<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#borrow()
    try {
      return await work(connection)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#idle.push(connection)
      else next(connection)
    }
  }

  async #borrow(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#made >= this.most) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#made += 1
    try {
      return await this.make()
    } catch (error) {
      this.#made -= 1
      throw error
    }
  }
}
