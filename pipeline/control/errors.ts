import pg from 'pg'
import { isConnectionFailure } from '../../warehouses/postgresql/failure.js'
import { refusalOf } from '../../warehouses/postgresql/refusal.js'

export type ControlErrorCode =
  /** The control database does not answer. */
  | 'CONTROL_UNAVAILABLE'
  /** The control database refused a statement: a missing right, no space, a schema that was changed by hand. */
  | 'CONTROL_ERROR'
  /** Another process is running the pipeline. */
  | 'RUN_IN_PROGRESS'
  /** This runner's lease passed to another one: it may change nothing any more. */
  | 'FENCED'
  | 'RUN_ID_TAKEN'
  | 'BUILD_UNKNOWN'
  | 'BUILD_NOT_PUBLISHABLE'
  | 'NOTHING_PUBLISHED'
  | 'KEY_UNKNOWN'

/** `message` says what to do next and is meant for the operator. */
export class ControlError extends Error {
  constructor(
    readonly code: ControlErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'ControlError'
  }

  static unavailable(cause: unknown): ControlError {
    return new ControlError('CONTROL_UNAVAILABLE', `The control database does not answer: ${refusalOf(cause)}`, {
      cause,
    })
  }

  /** What a statement failed with: where the connection is to blame CONTROL_UNAVAILABLE, where the server said no CONTROL_ERROR; anything else stays. */
  static of(error: unknown): unknown {
    if (error instanceof ControlError) return error
    if (isConnectionFailure(error)) return ControlError.unavailable(error)
    if (!(error instanceof pg.DatabaseError)) return error
    const message = `The control database refused a statement: ${error.message} (SQLSTATE ${error.code})`
    return new ControlError('CONTROL_ERROR', message, { cause: error })
  }
}
