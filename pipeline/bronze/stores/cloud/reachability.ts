import { setTimeout as sleep } from 'node:timers/promises'
import { whyUnreachable } from './failures.js'

/** How long a probe may take. */
export const probeMs = 3_000
/** Long enough for a connection that is cut once, short enough for a run that has other stores. */
const pausesMs = [300, 900]
/** No further attempt begins after it. */
const totalMs = 5_000
/** What was found so long ago is still true: objects that are asked for one after another do not each wait. */
const rememberMs = 5_000

/**
 * Whether the server of a store answers at all, asked before the first request and after each that failed to reach it. The clients of both clouds repeat a request
 * for as long as minutes: a store that is down would cost a run that long for every object, instead of seconds once.
 */
export class Reachability {
  private isReached = false
  private asking: Promise<void> | undefined
  private failure: { readonly error: unknown; readonly at: number } | undefined

  /** `probe` sends one small request, once, and gives up after seconds. */
  constructor(private readonly probe: () => Promise<void>) {}

  /** Throws what the last attempt did, as the client has it. */
  require(): Promise<void> {
    if (this.isReached) return Promise.resolve()
    if (this.failure && performance.now() - this.failure.at < rememberMs) return Promise.reject(this.failure.error)
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined
    })
    return this.asking
  }

  /** A request failed. */
  note(error: unknown): void {
    if (whyUnreachable(error) !== undefined) this.isReached = false
  }

  private async ask(): Promise<void> {
    const started = performance.now()
    for (let attempt = 0; ; attempt++) {
      const error = await this.probe().catch(unreachableOnly)
      this.isReached = error === undefined
      this.failure = this.isReached ? undefined : { error, at: performance.now() }
      if (this.isReached) return
      const pause = pausesMs[attempt]
      if (pause === undefined || performance.now() - started + pause > totalMs) throw error
      await sleep(pause)
    }
  }
}

/** A server that refuses a request is there. */
function unreachableOnly(error: unknown): unknown {
  return whyUnreachable(error) === undefined ? undefined : error
}
