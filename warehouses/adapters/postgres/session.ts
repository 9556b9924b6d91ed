import type pg from 'pg'
import { isConnectionFailure } from '../../postgresql/failure.js'
import { fenced } from '../../toolkit/errors.js'
import { connect } from './connection.js'
import { toWarehouseError } from './errors.js'
import { isLockTimeout, lockedError } from './locks.js'

const namePrefix = 'goldgate writer '

/** Transactions that go on side by side: as many as a small server has cores for. */
const lanes = 2

/** A place for one transaction at a time, with a connection of its own. */
interface Lane {
  client: pg.Client | undefined
}

/** The connections of a writer: fenced transactions, two at a time, in the order of the calls. */
export class WriterSession {
  readonly #idle: Lane[] = Array.from({ length: lanes }, () => ({ client: undefined }))
  readonly #waiting: ((lane: Lane) => void)[] = []

  constructor(
    readonly warehouse: string,
    private readonly config: pg.ClientConfig,
    readonly token: bigint,
    /** Nothing waits longer for a lock: a person's open transaction would hold the pipeline up without end. */
    private readonly lockTimeoutMs: number,
  ) {}

  /**
   * Ends the connections of runners with a smaller token, whose lease has moved on: one that sleeps inside a transaction would keep its locks.
   * Then runs `prepare`, which must make the fence where there is none, and raises it.
   */
  async takeOver(prepare: (client: pg.Client) => Promise<void>): Promise<void> {
    await this.#turn(async (client) => {
      await client.query(endOlderWriters, [String(this.token)])
      await this.#atomically(client, async () => {
        await prepare(client)
        await this.#raiseFence(client)
      })
    })
  }

  /** One transaction that holds the fence at this token until it ends. Throws `FENCED` when another runner has raised it. */
  transaction<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#turn((client) =>
      this.#atomically(client, async () => {
        await this.#holdFence(client)
        return work(client)
      }),
    )
  }

  /** For statements that change nothing: looks at the fence and leaves it. */
  read<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#turn(async (client) => {
      const { rows } = await client.query<{ token: string }>('SELECT token FROM goldgate_state.fence')
      if (rows[0] === undefined || BigInt(rows[0].token) > this.token) throw fenced(this.warehouse, this.token)
      return work(client)
    })
  }

  /** Waits for what has begun. */
  async close(): Promise<void> {
    const all = await Promise.all(Array.from({ length: lanes }, () => this.#take()))
    for (const lane of all) {
      const { client } = lane
      lane.client = undefined
      await client?.end().catch(() => undefined)
      this.#giveBack(lane)
    }
  }

  async #turn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const lane = await this.#take()
    try {
      return await work(await this.#connected(lane))
    } catch (error) {
      if (isConnectionFailure(error)) {
        lane.client = undefined
        // Where a newer runner ended this connection, what counts is that it is there.
        if (await this.#isFenced()) throw fenced(this.warehouse, this.token)
      }
      if (isLockTimeout(error) && lane.client)
        throw await lockedError(this.warehouse, lane.client, this.lockTimeoutMs, error)
      throw toWarehouseError(this.warehouse, error)
    } finally {
      this.#giveBack(lane)
    }
  }

  #take(): Promise<Lane> {
    const lane = this.#idle.pop()
    return lane ? Promise.resolve(lane) : new Promise((taken) => this.#waiting.push(taken))
  }

  #giveBack(lane: Lane): void {
    const next = this.#waiting.shift()
    if (next) next(lane)
    else this.#idle.push(lane)
  }

  async #connected(lane: Lane): Promise<pg.Client> {
    if (lane.client !== undefined) return lane.client
    // A quarter of the usual sample: its plans were the same, and ANALYZE of wide tables took as long as filling them.
    const settings = `; SET statement_timeout = 0; SET lock_timeout = ${this.lockTimeoutMs}; SET work_mem = '64MB'; SET default_statistics_target = 25; ${oneParallelWorker}`
    const client = await connect({ ...this.config, application_name: `${namePrefix}${this.token}` }, settings)
    client.once('end', () => {
      if (lane.client === client) lane.client = undefined
    })
    lane.client = client
    return client
  }

  async #atomically<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
    await client.query('BEGIN')
    try {
      const result = await work()
      const ended = await client.query('COMMIT')
      // A statement that failed and was caught has undone the transaction all the same.
      if (ended.command !== 'COMMIT') throw new Error('the transaction was undone')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  async #raiseFence(client: pg.Client): Promise<void> {
    const raised = await client.query('UPDATE goldgate_state.fence SET token = $1 WHERE token <= $1', [
      String(this.token),
    ])
    if (raised.rowCount !== 1) throw fenced(this.warehouse, this.token)
  }

  /** Shared, so that this runner's transactions go on side by side; raising it waits for their end. */
  async #holdFence(client: pg.Client): Promise<void> {
    const held = await client.query('SELECT 1 FROM goldgate_state.fence WHERE token = $1 FOR SHARE', [
      String(this.token),
    ])
    if (held.rowCount !== 1) throw fenced(this.warehouse, this.token)
  }

  async #isFenced(): Promise<boolean> {
    const client = await connect(this.config).catch(() => undefined)
    const found = await client
      ?.query('SELECT 1 FROM goldgate_state.fence WHERE token > $1', [String(this.token)])
      .catch(() => undefined)
    await client?.end().catch(() => undefined)
    return found?.rowCount === 1
  }
}

/**
 * Two lanes with one helper each fill four cores. With Postgres's own two helpers, each of the three processes made the same hash table of all
 * baskets again for fact_sales: twice the work in the same time on an idle machine. What an administrator has set stays.
 */
const oneParallelWorker = `
SELECT set_config(name, '1', false) FROM pg_settings
WHERE name IN ('max_parallel_workers_per_gather', 'max_parallel_maintenance_workers') AND source = 'default'`

/** CASE, since Postgres may evaluate the conditions of a WHERE in any order, and not every name ends with a number. */
const endOlderWriters = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
  AND CASE WHEN application_name ~ '^${namePrefix}[0-9]+$'
           THEN CAST(substr(application_name, ${namePrefix.length + 1}) AS numeric) < CAST($1 AS numeric)
           ELSE FALSE END`
