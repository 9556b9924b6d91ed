export type EmbeddedPostgresErrorCode =
  /** The server does not start; the message has the end of its log. */
  | 'POSTGRES_NOT_STARTED'
  /** The server goes on although it was told to stop. */
  | 'POSTGRES_NOT_STOPPED'
  /** A file of its folder is damaged or was taken away. */
  | 'POSTGRES_FILES_DAMAGED'
  /** The passwords of a running server are gone. */
  | 'POSTGRES_PASSWORDS_LOST'
  /** The account that the server runs as may not reach its data. */
  | 'POSTGRES_FILES_CLOSED'

/** What is wrong with the embedded server, and what to do about it. */
export class EmbeddedPostgresError extends Error {
  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'EmbeddedPostgresError'
  }
}
