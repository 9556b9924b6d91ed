import type { RunLog } from '../control/runs.js'
import type { Durable, DurableWrite } from '../durable.js'

/** What changes an object store, which knows no fence of its own. */
const ofStores: readonly DurableWrite[] = [
  'bronze.object',
  'bronze.manifest',
  'conform.batch',
  'conform.quarantine',
  'conform.manifest',
  'replicate.object',
  'replicate.manifest',
  'store.remove',
]

/**
 * Durable writes of one runner: refused when its lease is lost or it was cancelled. Writes to object stores ask for the lease right before: a runner that was paused
 * may hold a list of names that is older than what its successor wrote, and would take that for nobody's. What remains is a pause between the answer and the request.
 */
export function fenced(durable: Durable, runs: Pick<RunLog, 'requireLease'>, signal: AbortSignal): Durable {
  return async (write, subject, perform) => {
    signal.throwIfAborted()
    if (!ofStores.includes(write)) return durable(write, subject, perform)
    return durable(write, subject, async () => {
      await runs.requireLease()
      return perform()
    })
  }
}
