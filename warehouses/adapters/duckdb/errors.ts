import { WarehouseError } from '../../contract/errors.js'
import { cancelled, outOfMemory, outOfRange, refused, statementTimeout } from '../../toolkit/errors.js'
import type { Interruption } from '../../toolkit/statement-end.js'

/** Any error as a `WarehouseError`; one that is one already stays. */
export function toWarehouseError(warehouse: string, error: unknown, interruption?: Interruption): WarehouseError {
  if (error instanceof WarehouseError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (interruption === 'aborted') return cancelled(warehouse, error)
  if (interruption === 'timeout') return statementTimeout(warehouse, error)
  // First: what does not fit into memory goes to the disk.
  if (isFull(message)) return noSpace(warehouse, message, error)
  if (/^Out of Memory Error/.test(message)) return outOfMemory(warehouse, message, error)
  if (isTooLarge(message)) return outOfRange(warehouse, message, error)
  return refused(warehouse, message, error)
}

/** As DuckDB 1.5 says it of sums, products and casts of numbers. Of texts and dates it says something else. */
function isTooLarge(message: string): boolean {
  return /^Out of Range Error: Overflow in|^Conversion Error: (Type (U?INT|DECIMAL|DOUBLE)|Casting value "|Could not cast value).*(out of range|to DECIMAL)/.test(
    message,
  )
}

function isFull(message: string): boolean {
  return /No space left on device|disk quota exceeded/i.test(message)
}

function noSpace(warehouse: string, message: string, cause: unknown): WarehouseError {
  const said = `Warehouse ${warehouse} has no space left on the disk of GOLDGATE_HOME. Free some and run again (${message})`
  return new WarehouseError('WAREHOUSE_ERROR', warehouse, said, { cause })
}

export function unavailable(warehouse: string, folder: string, error: unknown): WarehouseError {
  const reason = error instanceof Error ? error.message : String(error)
  const message = `Warehouse ${warehouse} cannot use its folder ${folder} (${reason}). See that the folder exists and may be read and written.`
  return new WarehouseError('WAREHOUSE_UNAVAILABLE', warehouse, message, { cause: error })
}

export function allBusy(warehouse: string, seconds: number): WarehouseError {
  const message = `Warehouse ${warehouse} had no free connection for ${seconds} seconds: too many statements run at once. Ask again later, or for less.`
  return new WarehouseError('WAREHOUSE_UNAVAILABLE', warehouse, message)
}

/** After such an error the instance refuses everything: a new one is needed. */
export function isFatal(error: unknown): boolean {
  return error instanceof Error && /^(INTERNAL|FATAL) Error|has been invalidated/.test(error.message)
}

/** Another process has the file open for writing. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Could not set lock on file')
}

/** The file's own content is to blame, as DuckDB 1.5 says it of garbage, a wrong checksum, an end that is missing and a log that does not fit. */
export function isDamaged(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /not a valid DuckDB database file|Corrupt database file|Could not read enough bytes|Failure while replaying WAL|Serialization Error/.test(
      error.message,
    )
  )
}
