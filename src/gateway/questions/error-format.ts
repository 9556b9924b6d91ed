import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { createFormatError, type ErrorCode } from '../../../resolvers/index.js'
import { errorsOf, type GatewayLogger } from '../logger.js'

/** Without the "Did you mean …?" of graphql-js at its end, which names parts of the schema. */
export function withoutSuggestion(message: string): string {
  const at = message.endsWith('?') ? message.lastIndexOf('Did you mean ') : -1
  return at < 0 ? message : message.slice(0, at).trimEnd()
}

/** Errors as a client sees them, outside of Apollo Server and as it would show them. */
export class ErrorFormat {
  private readonly decide: ReturnType<typeof createFormatError>

  /** `suggestions`: errors may name parts of the schema that were not asked for. */
  constructor(
    private readonly logger: Pick<GatewayLogger, 'error'>,
    private readonly suggestions: boolean,
  ) {
    this.decide = createFormatError(logger)
  }

  /** The same, whose lines in the log name the request. */
  of(requestId: string | undefined): ErrorFormat {
    if (requestId === undefined) return this
    return new ErrorFormat(errorsOf(this.logger, requestId), this.suggestions)
  }

  /** An error of graphql-js with the code that its step has. */
  coded(error: GraphQLError, code: ErrorCode): GraphQLError {
    const { message, nodes, source, positions, originalError } = error
    return new GraphQLError(this.suggestions ? message : withoutSuggestion(message), {
      ...(nodes ? { nodes } : { source, positions }),
      originalError,
      extensions: { code },
    })
  }

  format(error: GraphQLError): GraphQLFormattedError {
    return this.decide(error.toJSON(), error)
  }
}
