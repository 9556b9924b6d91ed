import { setTimeout as sleep } from 'node:timers/promises'
import { failureOf, isPassing } from './errors.js'

export interface Patience {
  /** How often a request is made, at most. */
  readonly attempts: number
  /** Pause behind the first failure; it doubles each time, with a random part so that runners do not come together. */
  readonly firstPauseMs: number
}

/** Somebody waits for the answer. */
export const impatient: Patience = { attempts: 4, firstPauseMs: 150 }
/** A run can wait half a minute for a quota or a conflict to pass. */
export const patient: Patience = { attempts: 7, firstPauseMs: 400 }

const longestPauseMs = 15_000

/** Does `work` until it goes well, fails for a reason that does not pass, or patience ends. Throws the last error. */
export async function untilItPasses<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work()
    } catch (error) {
      if (failures >= patience.attempts || !isPassing(failureOf(error))) throw error
      await pause(patience, failures)
    }
  }
}

/** Waits as long as befits that many failures; no longer than `signal` lasts. */
export async function pause(patience: Patience, failures: number, signal?: AbortSignal): Promise<void> {
  const most = Math.min(patience.firstPauseMs * 2 ** (failures - 1), longestPauseMs)
  await sleep(most / 2 + Math.random() * (most / 2), undefined, signal ? { signal } : {}).catch(() => undefined)
}
