import { WarehouseError, type WarehouseErrorCode } from '../../contract/errors.js'
import { cancelled, refused, statementTimeout } from '../../toolkit/errors.js'

/** What the network says. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
])
/** Shutdown, crash, starting up, too many connections, wrong password, no such database. */
const serverCodes = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '28P01', '28000', '3D000'])
/** The driver gives these no code. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Cannot use a pool after)/

export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** The connection is gone, or was never there: nothing more can be asked on it. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // Trying both addresses of `localhost` fails with one error for each.
  if (error instanceof AggregateError) return error.errors.every(isConnectionFailure)
  const code = sqlState(error)
  if (code === undefined) return driverMessages.test(error.message)
  return networkCodes.has(code) || serverCodes.has(code) || code.startsWith('08')
}

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
  return refused(warehouse, message, error)
}
