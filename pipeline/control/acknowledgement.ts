import { setTimeout as sleep } from 'node:timers/promises'
import pTimeout from 'p-timeout'
import type { ControlDatabase } from './database.js'

/** How long a gateway may answer from memory after it last said that it is there, by the database's clock; by its own it stops a little earlier. */
export const leaseMs = 5_000

/** Between two looks at who has acknowledged: short at first, since a gateway that hears needs milliseconds. */
const firstPauseMs = 2
const longestPauseMs = 50

/**
 * After a transaction that moved a pointer: resolves when every gateway that may answer from memory has acknowledged what the database says now, or its lease is
 * over. Never fails, since the pointer has moved, and takes `leaseMs` at most: of a lease that is renewed meanwhile its gateway makes use only when it has
 * read the pointers anew, so what counts is how long the leases last that were there when the pointer moved. Holds no connection and no lock while it waits.
 */
export async function untilAcknowledged(database: ControlDatabase): Promise<void> {
  const begun = performance.now()
  let until = begun + leaseMs
  const left = () => Math.max(1, until - performance.now())
  let generation: string | undefined
  for (let pause = firstPauseMs; performance.now() < until; pause = Math.min(2 * pause, longestPauseMs)) {
    const asked = await pTimeout(waitedFor(database, generation), { milliseconds: left() }).catch(() => undefined)
    if (asked) {
      if (asked.ms === null) return
      generation ??= asked.generation
      until = Math.min(until, performance.now() + asked.ms)
    }
    await sleep(Math.min(pause, left()))
  }
}

interface WaitedFor {
  readonly generation: string
  /** Until the last lease of those who did not acknowledge is over; null: all did. */
  readonly ms: number | null
}

async function waitedFor(database: ControlDatabase, generation: string | undefined): Promise<WaitedFor | undefined> {
  const found = await database.query<WaitedFor>(
    `SELECT generation::text, (
       SELECT EXTRACT(EPOCH FROM max(lease_until) - clock_timestamp())::float8 * 1000 FROM goldgate_control.gateways
       WHERE acknowledged < COALESCE($1, generation) AND lease_until > clock_timestamp()) AS ms
     FROM goldgate_control.generation`,
    [generation ?? null],
  )
  return found[0]
}
