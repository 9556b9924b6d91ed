import { WarehouseError } from '../contract/errors.js'

/** The caller's signal fired. */
export function cancelled(warehouse: string, cause?: unknown): WarehouseError {
  const message = `The caller of a statement in warehouse ${warehouse} went away.`
  return new WarehouseError('CANCELLED', warehouse, message, { cause })
}

export function refuseIfAborted(warehouse: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(warehouse)
}

export function statementTimeout(warehouse: string, cause?: unknown): WarehouseError {
  const message = `A statement in warehouse ${warehouse} ran longer than it may. Ask for less, or raise statementTimeoutMs.`
  return new WarehouseError('STATEMENT_TIMEOUT', warehouse, message, { cause })
}

/** `message`: what the engine said. */
export function outOfMemory(warehouse: string, message: string, cause?: unknown): WarehouseError {
  const said = `Warehouse ${warehouse} had not memory enough for a statement. Ask for less, or give it more (${message})`
  return new WarehouseError('OUT_OF_MEMORY', warehouse, said, { cause })
}

/** `message`: what the engine said. */
export function outOfRange(warehouse: string, message: string, cause?: unknown): WarehouseError {
  const said = `Warehouse ${warehouse} came to a number that is larger than it can hold (${message})`
  return new WarehouseError('OUT_OF_RANGE', warehouse, said, { cause })
}

/** Everything that the engine said and that has no code of its own. */
export function refused(warehouse: string, message: string, cause?: unknown): WarehouseError {
  return new WarehouseError('WAREHOUSE_ERROR', warehouse, `Warehouse ${warehouse} refused a statement: ${message}`, {
    cause,
  })
}

/** `token`: the caller's own, which is no longer the highest. */
export function fenced(warehouse: string, token: bigint): WarehouseError {
  const message = `Another runner took over warehouse ${warehouse}: token ${token} is no longer the highest. Nothing was changed; that runner finishes the work.`
  return new WarehouseError('FENCED', warehouse, message)
}
