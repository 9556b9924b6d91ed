import { randomUUID } from 'node:crypto'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { type ErrorCode, errorCatalogue } from './catalogue.js'
import { GoldgateError } from './goldgate-error.js'
import type { ErrorLogger } from './logger.js'

/** Codes that graphql-js and Apollo decide before a resolver runs; their messages speak of the request only. */
const protocolCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
])

/**
 * The one place that decides what a client sees of an error. A `GoldgateError` passes with its code and message; errors of
 * the GraphQL protocol pass; everything else becomes INTERNAL_ERROR with a reference under which the log holds the real one.
 */
export function createFormatError(
  logger: ErrorLogger,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const where = position(formatted)
    const original = originOf(error)
    if (original instanceof GoldgateError) {
      if (original.cause !== undefined)
        logger.error(original.message, { code: original.code, ...describe(original.cause) })
      return { message: original.message, ...where, extensions: { ...original.details, code: original.code } }
    }
    if (original instanceof WarehouseError && original.code === 'CANCELLED') {
      return {
        message: 'The statement was cancelled.',
        ...where,
        extensions: { code: 'CANCELLED' satisfies ErrorCode },
      }
    }
    const protocol = protocolCode(formatted, original)
    if (protocol === 'QUERY_TOO_LARGE') {
      return { message: tooManyTokens(formatted.message), ...where, extensions: { code: protocol } }
    }
    if (protocol) return { message: shortMessage(formatted.message), ...where, extensions: { code: protocol } }
    return mask(where, original, logger)
  }
}

/** graphql-js repeats what it refuses, however long that is. */
export const shortMessage = (message: string): string => (message.length > 600 ? `${message.slice(0, 500)} …` : message)

function mask(where: Position, original: unknown, logger: ErrorLogger): GraphQLFormattedError {
  const reference = randomUUID()
  logger.error('A request failed inside', { reference, path: where.path?.join('.'), ...describe(original) })
  return {
    message: `Something failed inside. Give the operator this reference: ${reference}.`,
    ...where,
    extensions: { code: 'INTERNAL_ERROR' satisfies ErrorCode, reference },
  }
}

function protocolCode(formatted: GraphQLFormattedError, original: unknown): ErrorCode | undefined {
  if (!(original instanceof GraphQLError)) return undefined
  // The executor coerces arguments field by field and gives such errors a path, like errors of resolvers.
  if (formatted.path) return original.message.startsWith('Argument "') ? 'BAD_USER_INPUT' : undefined
  const code = formatted.extensions?.code
  if (typeof code !== 'string' || !protocolCodes.has(code)) return undefined
  if (code === 'GRAPHQL_PARSE_FAILED' && tokenLimit.test(formatted.message)) return 'QUERY_TOO_LARGE'
  return code in errorCatalogue ? (code as ErrorCode) : undefined
}

// graphql-js has no class or code for it: "Syntax Error: Document contains more that 5000 tokens. Parsing aborted."
const tokenLimit = /Document contains more tha[nt] (\d+) tokens/

function tooManyTokens(message: string): string {
  const limit = tokenLimit.exec(message)?.[1] ?? 'the allowed'
  return `The query has more than ${limit} tokens. Split it, and pass lists of values as variables.`
}

function originOf(error: unknown): unknown {
  let current = error
  // Apollo and graphql-js each wrap once or twice; an error that is its own original would loop.
  for (let depth = 0; depth < 5; depth++) {
    if (!(current instanceof GraphQLError) || !current.originalError) return current
    current = current.originalError
  }
  return current
}

type Position = Pick<GraphQLFormattedError, 'locations' | 'path'>

function position(formatted: GraphQLFormattedError): Position {
  return {
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
  }
}

/** Message, code and stack of an error for the log; never the values that came with it. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) }
  const facts = error instanceof WarehouseError ? { warehouse: error.warehouse, warehouseCode: error.code } : {}
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {}
  return { error: error.message, ...facts, ...cause, stack: error.stack }
}
