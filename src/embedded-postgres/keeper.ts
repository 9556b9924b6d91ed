import type { Cluster } from './cluster.js'
import type { ServerUsers } from './users.js'

export interface KeeperLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

const lookMs = 1_000
/** Attempts in a row, the pause doubled after each; they are counted anew after `calmMs` without one. */
const attempts = 5
const calmMs = 60_000

/** Starts the server again that ended although somebody uses it: killed, out of memory, crashed. Gives up on one that does not stay. */
export class Keeper {
  private readonly timer: NodeJS.Timeout
  private looking: Promise<void> | undefined
  private attempt = 0
  private triedAt = 0

  constructor(
    private readonly cluster: Cluster,
    private readonly users: ServerUsers,
    /** URLs that were handed out have it, so it stays the same. */
    private readonly port: number,
    private readonly log: KeeperLog,
  ) {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined
      })
    }, lookMs)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
  }

  private async look(): Promise<void> {
    const since = Date.now() - this.triedAt
    if (since < (lookMs * 2 ** this.attempt) / 2 || (await this.cluster.isAlive())) return
    if (since > calmMs) this.attempt = 0
    this.attempt += 1
    const fields = { attempt: this.attempt, of: attempts, port: this.port }
    try {
      const started = await this.users.exclusively(() => this.startAgain())
      if (started) this.log.warn('the embedded PostgreSQL had ended and was started again', fields)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.log.error('the embedded PostgreSQL has ended and does not start again', { ...fields, message })
    }
    if (this.attempt >= attempts) {
      clearInterval(this.timer)
      this.log.error(
        'the embedded PostgreSQL is not started any more: see its server.log, then restart goldgate',
        fields,
      )
    }
    this.triedAt = Date.now()
  }

  /** False where another process was faster. */
  private async startAgain(): Promise<boolean> {
    if (await this.cluster.running()) return false
    await this.cluster.start(this.port, true)
    return true
  }
}
