import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { Counts, networkOf } from './counts.js'
import { tooOften } from './rate-limit.js'

/** Of those whose credentials were good while others from their address failed. */
const trustedMs = 60 * 60_000
const maxTrusted = 10_000

/**
 * Counts bad credentials by the address they come from: looking one up costs a question to the control database, or a signature to be verified. Behind a proxy all
 * callers share an address, so those who have shown a good credential there are not held up by the failures of others.
 */
export class FailedAttempts {
  private readonly failures: Counts
  /** SHA-256 of credentials with their addresses: nothing here can be shown to the gateway as one. */
  private readonly trusted = new LRUCache<string, true>({ max: maxTrusted, ttl: trustedMs })

  /** `most` in a minute; 0: as many as they like. */
  constructor(
    private readonly most: number,
    now: () => number = Date.now,
  ) {
    this.failures = new Counts(now)
  }

  /** Throws RATE_LIMITED, before a credential is looked at. */
  check(address: string, credential: string): void {
    if (this.most === 0) return
    const network = networkOf(address)
    if (this.failures.of(network) < this.most || this.trusted.has(named(network, credential))) return
    throw tooOften(
      `From your address came ${this.most} keys or tokens in this minute that are not good.`,
      this.failures.secondsLeft(),
    )
  }

  failed(address: string): void {
    if (this.most > 0) this.failures.add(networkOf(address))
  }

  succeeded(address: string, credential: string): void {
    const network = networkOf(address)
    // Where nobody fails, nobody need be remembered.
    if (this.failures.of(network) > 0) this.trusted.set(named(network, credential), true)
  }
}

const named = (network: string, credential: string): string =>
  createHash('sha256').update(`${network}\n${credential}`).digest('base64')
