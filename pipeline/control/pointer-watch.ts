import { randomUUID } from 'node:crypto'
import pTimeout from 'p-timeout'
import type { BuildCatalog, PublishedBuild } from '../../warehouses/contract/builds.js'
import { leaseMs as longestLeaseMs } from './acknowledgement.js'
import type { BuildLog } from './builds.js'
import type { ControlConnection } from './connection.js'
import { GatewaySession } from './gateway-session.js'
import { after, isOver, type Moment, now } from './moment.js'
import { readPublished } from './published-builds.js'

const reconnectAfterMs = 250
/** How long whoever asks waits for a database that may have been cut off, and so neither answers nor fails. */
const patienceMs = 5_000
/** How long saying good-bye may take; without it the lease ends by itself. */
const farewellMs = 1_000

export interface WatchOptions {
  /** At most the `leaseMs` that publishers know of, which is the default. */
  readonly leaseMs?: number
  /** The control database cannot be heard; pointers are read from it for each request, as long as it answers. Said once until it is heard again. */
  readonly onDeaf?: (error: unknown) => void
  readonly onHearing?: () => void
}

interface Known {
  readonly generation: string
  readonly pointers: ReadonlyMap<string, PublishedBuild>
  /** Builds that were asked for by name, by warehouse and id. Those that are not there are not kept: whoever asks could make up any number of them. */
  readonly retained: Map<string, PublishedBuild>
}

/**
 * The pointers in the memory of a gateway, never older than the last publish that has returned anywhere. It hears of changes at once by LISTEN and looks by itself five
 * times a lease; whoever publishes waits until it has acknowledged or its lease is over, and the lease it counts from before it asked for it. Past that (the
 * database is away, this process was paused) it is sure of nothing, and reads the database for each request.
 */
export class PointerWatch implements BuildCatalog {
  private readonly id = randomUUID()
  private known: Known | undefined
  private sureUntil: Moment | undefined
  private heard = false
  private wake: (() => void) | undefined
  private closed = false
  private deaf = false
  private session: GatewaySession | undefined
  private readonly running: Promise<void>

  private constructor(
    private readonly connection: ControlConnection,
    private readonly builds: BuildLog,
    private readonly options: WatchOptions,
    onFirst: () => void,
  ) {
    this.running = this.run(onFirst)
  }

  /** Returns when the pointers are known, or could not be read the first time; then it goes on trying. */
  static async start(
    connection: ControlConnection,
    builds: BuildLog,
    options: WatchOptions = {},
  ): Promise<PointerWatch> {
    let watch: PointerWatch | undefined
    await new Promise<void>((onFirst) => {
      watch = new PointerWatch(connection, builds, options, onFirst)
    })
    if (!watch) throw new Error('no watch')
    return watch
  }

  current(): ReadonlyMap<string, PublishedBuild> | undefined {
    return this.sure()?.pointers
  }

  /** What is read of the control database now may be kept as long as this stays the same; undefined: nothing may be kept. */
  generation(): string | undefined {
    return this.sure()?.generation
  }

  async published(warehouses: readonly string[]): Promise<ReadonlyMap<string, PublishedBuild>> {
    const pointers = this.current()
    if (!pointers) return inTime(this.builds.published(warehouses))
    return new Map([...pointers].filter(([warehouse]) => warehouses.includes(warehouse)))
  }

  async retained(warehouse: string, buildId: string): Promise<PublishedBuild | undefined> {
    const known = this.sure()
    const key = JSON.stringify([warehouse, buildId])
    const kept = known?.retained.get(key)
    if (kept) return kept
    const build = await inTime(this.builds.retained(warehouse, buildId))
    // Into what was known before it was read: should that have changed meanwhile, nobody looks there any more.
    if (build) known?.retained.set(key, build)
    return build
  }

  /** Nobody waits for this gateway any more. The last answer must have been given. */
  async close(): Promise<void> {
    this.closed = true
    this.sureUntil = undefined
    this.wake?.()
    await inTime(this.running, farewellMs).catch(() => this.session?.destroy())
  }

  private sure(): Known | undefined {
    return this.sureUntil && !isOver(this.sureUntil) ? this.known : undefined
  }

  private async run(onFirst: () => void): Promise<void> {
    while (!this.closed) {
      try {
        this.session = await GatewaySession.open(this.id, this.connection, () => {
          this.heard = true
          this.wake?.()
        })
        await this.follow(this.session, onFirst)
        await this.session.leave()
      } catch (error) {
        if (!this.deaf && !this.closed) this.options.onDeaf?.(error)
        this.deaf = true
      }
      this.session?.destroy()
      onFirst()
      if (!this.closed) await this.pause(reconnectAfterMs)
    }
  }

  private async follow(session: GatewaySession, onFirst: () => void): Promise<void> {
    const leaseMs = Math.min(this.options.leaseMs ?? longestLeaseMs, longestLeaseMs)
    let renewAt = 0
    while (!this.closed) {
      this.heard = false
      let asked: Moment | undefined
      if (performance.now() >= renewAt) {
        asked = now()
        renewAt = asked.steady + leaseMs / 5
        await session.renew(leaseMs)
      }
      // In this order: a publish that does not see the new lease is one that this reading sees.
      await this.read(session)
      // A tenth less, for clocks of two machines that do not run equally fast.
      if (asked && !this.closed) this.sureUntil = after(asked, leaseMs * 0.9)
      onFirst()
      if (this.deaf) this.options.onHearing?.()
      this.deaf = false
      if (!this.heard) await this.pause(renewAt - performance.now())
    }
  }

  private async read(session: GatewaySession): Promise<void> {
    // The generation first: what is read after it is not older.
    const generation = await session.generation()
    if (generation !== this.known?.generation) {
      const pointers = await readPublished((sql, params) => session.query(sql, params))
      this.known = { generation, pointers, retained: new Map() }
    }
    await session.acknowledge(generation)
  }

  /** Until something is heard or the time is over. */
  private async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.wake = resolve
      timer = setTimeout(resolve, ms)
    })
    this.wake = undefined
    clearTimeout(timer)
  }
}

const inTime = <T>(asked: Promise<T>, ms = patienceMs): Promise<T> =>
  pTimeout(asked, { milliseconds: ms, message: `no answer within ${ms / 1000} s` })
