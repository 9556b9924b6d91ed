import { GoldgateError } from '../../../resolvers/index.js'
import type { Caller } from './caller.js'

const windowMs = 60_000

/** Counts the requests of each caller in this process, minute by minute. */
export class RateLimit {
  private readonly counts = new Map<string, number>()
  private began = 0

  constructor(private readonly now: () => number = Date.now) {}

  /** Throws RATE_LIMITED for one request more than the caller's limits allow in this minute. Who has no name is told by his address. */
  check({ name, access }: Caller, address: string): void {
    const most = access.limits.requestsPerMinute
    if (most === undefined) return
    const now = this.now()
    if (now - this.began >= windowMs) {
      this.counts.clear()
      this.began = now
    }
    const who = name === 'anonymous' ? address : name
    const count = (this.counts.get(who) ?? 0) + 1
    this.counts.set(who, count)
    if (count <= most) return
    const retryAfter = Math.max(1, Math.ceil((this.began + windowMs - now) / 1000))
    throw new GoldgateError('RATE_LIMITED', `You may ask ${most} times a minute. Ask again in ${retryAfter} s.`, {
      details: { retryAfter },
    })
  }
}
