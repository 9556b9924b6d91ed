import { z } from 'zod'
import { WarehouseError, type WarehouseErrorCode } from '../../contract/errors.js'
import { outOfMemory, outOfRange, refused, statementTimeout } from '../../toolkit/errors.js'
import { grantAdvice, permissionIn } from './permissions.js'

/** What an error of the client, of its transport or of a job says of itself. */
const described = z.object({
  code: z.union([z.number(), z.string()]).optional().catch(undefined),
  errors: z
    .array(z.object({ reason: z.string().optional(), message: z.string().optional() }))
    .optional()
    .catch(undefined),
  message: z.string().catch(''),
})

export interface Failure {
  /** HTTP status; undefined when the job failed and not the request. */
  readonly status: number | undefined
  /** BigQuery's word: `rateLimitExceeded`, `notFound`… */
  readonly reason: string | undefined
  readonly message: string
  readonly network: boolean
}

const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|ESOCKETTIMEDOUT)$/
const networkMessages =
  /socket hang up|network timeout|Client network socket disconnected|other side closed|Premature close/

export function failureOf(error: unknown): Failure {
  const { code, errors, message } = described.parse(error ?? {})
  const first = errors?.[0]
  return {
    status: typeof code === 'number' ? code : undefined,
    reason: first?.reason,
    message: first?.message ?? (message === '' ? String(error) : message),
    network: (typeof code === 'string' && networkCodes.test(code)) || networkMessages.test(message),
  }
}

/** Of limits that pass by themselves and of BigQuery's own failures. */
const passingReasons = new Set([
  'rateLimitExceeded',
  'jobRateLimitExceeded',
  'quotaExceeded',
  'backendError',
  'jobBackendError',
  'internalError',
  'jobInternalError',
  'tableUnavailable',
])
/** Two transactions that change one table: one of them is undone, as a whole. */
const conflict = /aborted due to concurrent update|Could not serialize access|concurrent DML/i

/** The same request may go well a little later: quota, rate, concurrency, a server's failure, the connection. Nothing else is tried again. */
export function isPassing({ status, reason, message, network }: Failure): boolean {
  if (network) return true
  if (reason !== undefined && passingReasons.has(reason)) return true
  if (conflict.test(message)) return true
  return status === 429 || status === 408 || (status !== undefined && status >= 500 && reason === undefined)
}

/** The account may not do it; quotas and rates are answered with 403 as well. */
export function isDenied(failure: Failure): boolean {
  return failure.reason === 'accessDenied' || (failure.status === 403 && !isPassing(failure))
}

/** What `ERROR` in a fenced script says. */
export const fencedMark = 'goldgate: fenced'

/** Any error as a `WarehouseError` that says what to do; one that is one already stays. */
export function toWarehouseError(warehouse: string, error: unknown): WarehouseError {
  if (error instanceof WarehouseError) return error
  const failure = failureOf(error)
  const { status, reason, message } = failure
  const as = (code: WarehouseErrorCode, text: string) => new WarehouseError(code, warehouse, text, { cause: error })
  if (
    /Could not load the default credentials|Unable to detect a Project Id|invalid_grant|invalid_rapt/.test(message) ||
    status === 401
  )
    return as(
      'WAREHOUSE_UNAVAILABLE',
      `Warehouse ${warehouse} has no valid credentials (${message}). Run \`gcloud auth application-default login\`, set GOOGLE_APPLICATION_CREDENTIALS, or run with a service account attached.`,
    )
  // Neither the message nor the cause goes on: both hold a piece of that file.
  if (/^Unable to read the credential file|incoming JSON object/.test(message))
    return new WarehouseError(
      'WAREHOUSE_UNAVAILABLE',
      warehouse,
      `Warehouse ${warehouse} has no valid credentials: the file that GOOGLE_APPLICATION_CREDENTIALS names is no key that can be read. Name a key file there, run \`gcloud auth application-default login\`, or run with a service account attached.`,
    )
  if (isDenied(failure)) {
    const permission = permissionIn(message)
    const lacks = permission === undefined ? 'a permission' : `the permission ${permission}`
    return as('WAREHOUSE_ERROR', `Warehouse ${warehouse} lacks ${lacks}: ${message} ${grantAdvice(permission)}`)
  }
  if (reason === 'bytesBilledLimitExceeded')
    return as(
      'TOO_MANY_BYTES',
      `A statement in warehouse ${warehouse} would read more than it may be billed for: ${message} Ask for fewer columns or a shorter period, or raise maxBytesBilled of the warehouse or the limit bytes.`,
    )
  if (reason === 'resourcesExceeded') return outOfMemory(warehouse, message, error)
  if (/\b(int64|integer|numeric|bignumeric) overflow\b/i.test(message)) return outOfRange(warehouse, message, error)
  if (reason === 'stopped' || reason === 'timeout') {
    if (/timed? ?out|timeout/i.test(message)) return statementTimeout(warehouse, error)
    return as('CANCELLED', `A statement in warehouse ${warehouse} was cancelled.`)
  }
  if (/^Not found: Dataset/i.test(message))
    return as(
      'WAREHOUSE_ERROR',
      `Warehouse ${warehouse} has no dataset yet (${message}). Run \`goldgate setup\`, or see that project, dataset and location in the configuration are right.`,
    )
  if (isPassing(failure) && !conflict.test(message))
    return as(
      'WAREHOUSE_UNAVAILABLE',
      `Warehouse ${warehouse} does not answer (${message}). It was tried several times; see that the network lets BigQuery through, and the quotas of the project.`,
    )
  return refused(warehouse, message, error)
}
