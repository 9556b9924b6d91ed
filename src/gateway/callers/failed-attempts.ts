import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { Counts } from './counts.js'
import { tooOften } from './rate-limit.js'

/** Since a credential was last good. */
const trustedMs = 60 * 60_000
const maxTrusted = 10_000

/**
 * Counts bad credentials by the network they come from (`networkOf`): looking one up costs a question to the control database, or a signature to be verified. Behind a proxy all
 * callers share an address, so a credential that was good is looked up whatever others do, until it is found bad.
 */
export class FailedAttempts {
  private readonly failures: Counts
  /** SHA-256 of credentials: nothing here can be shown to the gateway as one. */
  private readonly trusted = new LRUCache<string, true>({ max: maxTrusted, ttl: trustedMs })

  /** `most` in a minute; 0: as many as they like. */
  constructor(
    private readonly most: number,
    now: () => number = Date.now,
  ) {
    this.failures = new Counts(now)
  }

  /** Throws RATE_LIMITED, before a credential is looked at. */
  check(network: string, credential: string): void {
    if (this.most === 0) return
    if (this.failures.of(network) < this.most || this.trusted.has(named(credential))) return
    throw tooOften(
      `From your address came ${this.most} keys or tokens in this minute that are not good.`,
      this.failures.secondsLeft(),
    )
  }

  failed(network: string, credential: string): void {
    if (this.most === 0) return
    this.failures.add(network)
    this.trusted.delete(named(credential))
  }

  succeeded(credential: string): void {
    if (this.most > 0) this.trusted.set(named(credential), true)
  }
}

const named = (credential: string): string => hash('sha256', credential, 'base64')
