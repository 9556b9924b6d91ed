import { refusalOf } from '../../warehouses/postgresql/refusal.js'

export type ControlErrorCode =
  /** The control database does not answer. */
  | 'CONTROL_UNAVAILABLE'
  /** Another process is running the pipeline. */
  | 'RUN_IN_PROGRESS'
  /** This runner's lease passed to another one: it may change nothing any more. */
  | 'FENCED'
  | 'RUN_ID_TAKEN'
  | 'BUILD_UNKNOWN'
  | 'BUILD_NOT_PUBLISHABLE'
  | 'NOTHING_PUBLISHED'

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
}
