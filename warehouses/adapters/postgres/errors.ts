import { WarehouseError, type WarehouseErrorCode } from '../../contract/errors.js'
import { isConnectionFailure, sqlState } from '../../postgresql/failure.js'
import { cancelled, outOfMemory, outOfRange, refused, statementTimeout } from '../../toolkit/errors.js'

/** Any error as a `WarehouseError`; one that is one already stays. `aborted`: the caller's signal had fired. */
export function toWarehouseError(warehouse: string, error: unknown, aborted = false): WarehouseError {
  if (error instanceof WarehouseError) return error
  const message = error instanceof Error ? error.message || String(sqlState(error)) : String(error)
  const as = (code: WarehouseErrorCode, text: string) => new WarehouseError(code, warehouse, text, { cause: error })
  if (aborted) return cancelled(warehouse, error)
  if (isConnectionFailure(error))
    return as(
      'WAREHOUSE_UNAVAILABLE',
      `Warehouse ${warehouse} does not answer (${message}). See that its server runs and that the configuration has the right address.`,
    )
  if (sqlState(error) === '57014') {
    if (!message.includes('timeout')) return as('CANCELLED', `A statement in warehouse ${warehouse} was cancelled.`)
    return statementTimeout(warehouse, error)
  }
  if (sqlState(error) === '53200') return outOfMemory(warehouse, message, error)
  if (sqlState(error) === '22003') return outOfRange(warehouse, message, error)
  return refused(warehouse, message, error)
}
