import { type ASTNode, GraphQLError } from 'graphql'
import { type ErrorCode, errorCatalogue } from './catalogue.js'

/** Facts beside the message, for programs: they stand in `extensions` next to `code`. */
export type ErrorDetails = Readonly<Record<string, string | number | readonly string[]>>

/** An error that a client may read as it is. A `cause` is for the log only. */
export class GoldgateError extends Error {
  readonly details: ErrorDetails
  /** In the document, for who has it as a file. */
  readonly line: number | undefined

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: ErrorDetails; readonly node?: ASTNode | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'GoldgateError'
    this.details = options.details ?? {}
    this.line = options.node?.loc?.startToken.line
  }
}

/** For errors that refuse a whole request: carries the catalogue's HTTP status where Apollo looks for it. */
export function refusal(error: GoldgateError): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { http: { status: statusOf(error.code) } },
  })
}

/** The HTTP status of a request that was refused with this code. */
export function statusOf(code: ErrorCode): number {
  const entry: { readonly status?: number } = errorCatalogue[code]
  return entry.status ?? 400
}
