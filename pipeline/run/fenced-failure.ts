import { WarehouseError } from '../../warehouses/contract/errors.js'
import type { RunLog } from '../control/runs.js'

/**
 * What a warehouse's FENCED means, which the warehouse itself cannot tell: it saw a higher token. Where this run lost its lease, another runner goes on.
 * Where it still holds the lease nobody does, and every further run would end the same.
 */
export async function fencedFailure(error: Error, runs: Pick<RunLog, 'requireLease'>, token: bigint): Promise<Error> {
  if (!(error instanceof WarehouseError) || error.code !== 'FENCED') return error
  try {
    await runs.requireLease()
  } catch (lost) {
    return lost instanceof Error ? lost : error
  }
  const { warehouse } = error
  const message = `FENCED: warehouse ${warehouse} has seen a higher token than ${token}, although this run holds the lease. Its control database was made anew or restored from an older dump, or another one drives the warehouse too. Nothing was changed there, and no run will get further: see that no other control database is in use, and raise the token as docs/operations.md says ("Without the control database")`
  return new WarehouseError('FENCED', warehouse, message, { cause: error })
}
