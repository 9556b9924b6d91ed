import { WarehouseError } from '../../contract/errors.js'
import type { Row, Statement } from '../../contract/values.js'
import { fenced } from '../../toolkit/errors.js'
import type { Change } from '../../toolkit/ledger.js'
import { OneAtATime } from '../../toolkit/one-at-a-time.js'
import { type Place, tableIn } from './dialect.js'
import { fencedMark } from './errors.js'
import type { Jobs } from './jobs.js'
import { patient } from './retry.js'
import { toRows, withConstants } from './values.js'

/** What a writer does, under its token. */
export class WriterSession {
  readonly fence: string
  readonly #transactions = new OneAtATime()

  constructor(
    readonly jobs: Jobs,
    readonly place: Place,
    readonly token: bigint,
  ) {
    this.fence = tableIn(place, 'fence')
  }

  /**
   * One transaction that raises the fence to this token, or changes nothing and throws `FENCED`. Two of them at once would undo each other, since both
   * write the fence: this session's go one after another, and one of another runner is the conflict that keeps a paused one out.
   */
  transaction(purpose: string, changes: readonly Change[]): Promise<void> {
    return this.#transactions.run(() =>
      this.#script(purpose, [
        'BEGIN TRANSACTION',
        `UPDATE ${this.fence} SET token = ${this.token} WHERE token <= ${this.token}`,
        `SELECT IF(COUNT(*) = 1, 0, ERROR('${fencedMark}')) AS held FROM ${this.fence} WHERE token = ${this.token}`,
        ...changes.map(({ sql, params }) => withConstants(sql, params)),
        'COMMIT TRANSACTION',
      ]),
    )
  }

  /** For DDL, which no transaction takes: looks at the fence right before, in the same job, so that no pause of this process lies between. */
  ddl(purpose: string, statements: readonly string[]): Promise<void> {
    return this.#script(purpose, [this.#look(), ...statements])
  }

  /** Throws `FENCED` where another runner has taken over. */
  async checkFence(): Promise<void> {
    await this.#guarded(this.jobs.query({ sql: this.#look(), purpose: 'fence', patience: patient }))
  }

  /** One DML statement; how many rows it changed, where BigQuery says so. */
  async change(purpose: string, sql: string): Promise<bigint | undefined> {
    const { changed } = await this.jobs.query({ sql, purpose, patience: patient, countChanges: true })
    return changed
  }

  async read({ sql, params, columns }: Statement): Promise<Row[]> {
    const { rows } = await this.jobs.query({ sql, params, purpose: 'check', patience: patient })
    return toRows(rows, columns)
  }

  #look(): string {
    return `SELECT IF(MAX(token) <= ${this.token}, 0, ERROR('${fencedMark}')) AS held FROM ${this.fence}`
  }

  async #script(purpose: string, statements: readonly string[]): Promise<void> {
    await this.#guarded(this.jobs.query({ sql: `${statements.join(';\n')};`, purpose, patience: patient }))
  }

  async #guarded<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (error instanceof WarehouseError && error.message.includes(fencedMark))
        throw fenced(this.jobs.warehouse, this.token)
      throw error
    }
  }
}
