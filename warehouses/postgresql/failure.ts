import { isTlsFailure } from './refusal.js'

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
/** Shutdown, crash, starting up, a session or transaction that was idle or open too long, too many connections, wrong password, no such database. */
const serverCodes = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04', '53300', '28P01', '28000', '3D000'])
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
  if (isTlsFailure(error)) return true
  const code = sqlState(error)
  if (code === undefined) return driverMessages.test(error.message)
  return networkCodes.has(code) || serverCodes.has(code) || code.startsWith('08')
}
