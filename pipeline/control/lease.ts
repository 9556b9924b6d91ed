import { hostname } from 'node:os'
import pTimeout from 'p-timeout'
import pg from 'pg'
import { type ControlConnection, controlClientConfig } from './connection.js'
import type { ControlDatabase } from './database.js'
import { ControlError } from './errors.js'

/** How long giving the lease back may take. */
const farewellMs = 5_000

export interface LeaseOptions extends ControlConnection {
  readonly seconds: number
}

/**
 * The right to run the pipeline, held by one process at a time. Its `token` grows with every holder and fences all writes.
 * It is free at once when its holder's database session is gone (a kill closes it), and after `seconds` without renewal otherwise
 * (a paused or cut-off holder, who finds himself fenced when he wakes up).
 */
export class Lease {
  private readonly lostController = new AbortController()
  private timer: NodeJS.Timeout | undefined
  private renewing = false

  private constructor(
    readonly token: bigint,
    private readonly client: pg.Client,
    private readonly seconds: number,
  ) {
    client.on('error', () => this.lose('its database session ended'))
    this.timer = setInterval(() => void this.renew(), (seconds * 1000) / 3)
    this.timer.unref()
  }

  /** Aborted when the lease has passed to another runner or can no longer be renewed. */
  get lost(): AbortSignal {
    return this.lostController.signal
  }

  /** Throws RUN_IN_PROGRESS, naming the holder. */
  static async acquire(options: LeaseOptions): Promise<Lease> {
    const client = await connect(options).catch((cause: unknown) => {
      throw ControlError.unavailable(cause)
    })
    try {
      const taken = await client.query<{ token: string }>(
        `UPDATE goldgate_control.lease AS l
         SET token = token + 1, holder = $1, expires_at = clock_timestamp() + make_interval(secs => $2),
             (backend_pid, backend_start) = (SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
         WHERE expires_at < clock_timestamp() OR NOT EXISTS (
           SELECT FROM pg_stat_activity AS a WHERE a.pid = l.backend_pid AND a.backend_start = l.backend_start)
         RETURNING token`,
        [`process ${process.pid} on ${hostname()}`, options.seconds],
      )
      const row = taken.rows[0]
      if (row) return new Lease(BigInt(row.token), client, options.seconds)
      const held = await client.query<{ holder: string }>('SELECT holder FROM goldgate_control.lease')
      throw new ControlError(
        'RUN_IN_PROGRESS',
        `The pipeline is running already (${held.rows[0]?.holder}). Runs never overlap: try again when it has ended; "goldgate status" shows how far it is.`,
      )
    } catch (error) {
      await client.end().catch(() => undefined)
      throw ControlError.of(error)
    }
  }

  /** Throws FENCED inside the caller's transaction unless this lease still is the newest; holds it until that transaction ends. */
  async guard(client: pg.ClientBase): Promise<void> {
    const found = await client.query('SELECT FROM goldgate_control.lease WHERE token = $1 FOR SHARE', [this.token])
    if (found.rowCount === 0) throw this.fenced('another runner took it over')
  }

  /** One guarded transaction. */
  async write<T>(database: ControlDatabase, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return database.transaction(async (client) => {
      await this.guard(client)
      return work(client)
    })
  }

  async release(): Promise<void> {
    clearInterval(this.timer)
    const give = `UPDATE goldgate_control.lease SET expires_at = '-infinity', backend_pid = NULL WHERE token = $1`
    // Best effort: without it the lease is free when its time is up.
    if (!this.lost.aborted) await inTime(this.client.query(give, [this.token]))
    await inTime(this.client.end())
  }

  /** A network that was cut answers nothing and fails nothing: the holder gives up by his own clock, not later than the database does by its. */
  private async renew(): Promise<void> {
    if (this.renewing) return
    this.renewing = true
    const late = setTimeout(() => this.lose('the control database does not answer'), (this.seconds * 2000) / 3)
    late.unref()
    try {
      const renewed = await this.client.query(
        'UPDATE goldgate_control.lease SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE token = $1',
        [this.token, this.seconds],
      )
      if (renewed.rowCount === 0) this.lose('another runner took it over')
    } catch {
      this.lose('it could not be renewed')
    } finally {
      clearTimeout(late)
      this.renewing = false
    }
  }

  private lose(why: string): void {
    clearInterval(this.timer)
    this.lostController.abort(this.fenced(why))
  }

  private fenced(why: string): ControlError {
    return new ControlError(
      'FENCED',
      `This run lost its lease: ${why}. It stops without changing anything more; the next run goes on from there.`,
    )
  }
}

async function connect(connection: ControlConnection): Promise<pg.Client> {
  const client = new pg.Client({ ...(await controlClientConfig(connection)), application_name: 'goldgate lease' })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Waits for the end of something that may fail, and not for ever. */
const inTime = (ending: Promise<unknown>): Promise<unknown> =>
  pTimeout(ending, { milliseconds: farewellMs }).catch(() => undefined)
