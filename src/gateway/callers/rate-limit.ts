import type { FastifyRequest } from 'fastify'
import { GoldgateError } from '../../../resolvers/index.js'
import { type Caller, whoIs } from './caller.js'
import { Counts } from './counts.js'

/** Counts the requests of each caller in this process, minute by minute. */
export class RateLimit {
  private readonly counts: Counts

  constructor(now: () => number = Date.now) {
    this.counts = new Counts(now)
  }

  /** Throws RATE_LIMITED for one request more than the caller's limits allow in this minute. */
  check(caller: Caller, request: FastifyRequest): void {
    const most = caller.access.limits.requestsPerMinute
    if (most === undefined) return
    if (this.counts.add(whoIs(caller, request)) <= most) return
    throw tooOften(`You may ask ${most} times a minute.`, this.counts.secondsLeft())
  }
}

export const tooOften = (what: string, retryAfter: number): GoldgateError =>
  new GoldgateError('RATE_LIMITED', `${what} Ask again in ${retryAfter} s.`, { details: { retryAfter } })
