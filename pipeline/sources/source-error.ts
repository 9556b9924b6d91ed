export type SourceErrorCode =
  | 'SOURCE_NOT_FOUND'
  | 'MAPPING_INVALID'
  | 'FILE_MISSING'
  | 'FILE_UNREADABLE'
  | 'FILE_EMPTY'
  | 'COLUMN_UNKNOWN'
  | 'CONFORM_FAILED'
  /** More rows than an entity may lose went to quarantine. */
  | 'TOO_MANY_REJECTED'

/** Where in a source something is wrong. */
export interface SourcePlace {
  readonly source: string
  readonly dataset?: string
  readonly file?: string
  readonly column?: string
  /** Position in a mapping's file, from 1. */
  readonly line?: number
  readonly position?: number
}

/** An error of the input as a whole: the run stops, the published build stays. */
export class SourceError extends Error {
  constructor(
    readonly code: SourceErrorCode,
    message: string,
    readonly where: SourcePlace,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'SourceError'
  }
}
