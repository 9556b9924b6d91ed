export type WarehouseErrorCode =
  /** The engine does not answer. */
  | 'WAREHOUSE_UNAVAILABLE'
  /** The statement ran longer than it may. */
  | 'STATEMENT_TIMEOUT'
  /** The engine had not memory enough for the statement; others may go on. */
  | 'OUT_OF_MEMORY'
  /** A number is larger than the engine holds: whole ones 2^63, decimals 38 digits. */
  | 'OUT_OF_RANGE'
  /** The statement would read more bytes than it may; nothing was read or billed. */
  | 'TOO_MANY_BYTES'
  /** The caller went away. */
  | 'CANCELLED'
  /** Another runner holds a higher fencing token. */
  | 'FENCED'
  /** Somebody else's open transaction holds what the writer has to change; the message names him. */
  | 'LOCKED'
  /** The engine refused the statement or the data. */
  | 'WAREHOUSE_ERROR'

/** Every error that leaves an adapter. `message` is for operators and logs; the gateway masks it. */
export class WarehouseError extends Error {
  constructor(
    readonly code: WarehouseErrorCode,
    readonly warehouse: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'WarehouseError'
  }
}
