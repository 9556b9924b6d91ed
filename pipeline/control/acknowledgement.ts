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
  let generation: string | undefined
  for (let pause = firstPauseMs; performance.now() < until; pause = Math.min(2 * pause, longestPauseMs)) {
    const asked = await inTime(waitedFor(database, generation), until - performance.now())
    if (asked) {
      if (asked.ms === null) return
      generation ??= asked.generation
      until = Math.min(until, performance.now() + asked.ms)
    }
    await inTime(undefined, Math.min(pause, until - performance.now()))
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

/** What was asked for; undefined where it fails or takes longer. */
async function inTime<T>(asked: Promise<T> | undefined, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race(asked ? [asked.catch(() => undefined), late] : [late])
  } finally {
    clearTimeout(timer)
  }
}
