import type { GraphQLFormattedError } from 'graphql'
import { z } from 'zod'
import { type ErrorCode, errorCatalogue, statusOf } from '../../../resolvers/index.js'
import type { Answer } from '../questions/contract.js'

/** HTTP status of errors that GraphQL answers with 200: an answer that is one table has failed with its field. */
const statuses: Partial<Record<ErrorCode, number>> = {
  WAREHOUSE_UNAVAILABLE: 503,
  CONTROL_DATABASE_UNAVAILABLE: 503,
  NOT_PUBLISHED: 503,
  CANCELLED: 503,
  STATEMENT_TIMEOUT: 504,
  WAREHOUSE_OUT_OF_MEMORY: 503,
  BUILD_UNKNOWN: 404,
  BUILD_LOST: 410,
  BUILD_OUTDATED: 410,
  CURSOR_EXPIRED: 410,
  INTEGER_OUT_OF_RANGE: 500,
  NUMBER_OUT_OF_RANGE: 500,
  INTERNAL_ERROR: 500,
}

export function statusOfTable([first]: readonly Pick<GraphQLFormattedError, 'extensions'>[]): number {
  const code = first?.extensions?.code
  return typeof code === 'string' && isCode(code) ? (statuses[code] ?? statusOf(code)) : 500
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code)

const failed = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.record(z.string(), z.unknown()).optional() })),
})

/** Where GraphQL has cursors, a client of a table has none. */
const noCursor = 'This is not a cursor of this gateway. Pass `after` of the page before unchanged.'

/** The errors of an answer, without the places in a document that the client never sent. */
export const refusedBy = (answer: Answer): readonly GraphQLFormattedError[] =>
  failed.parse(JSON.parse(`{${answer.body}}`)).errors.map(({ message, extensions }) => ({
    message: extensions?.code === 'CURSOR_INVALID' ? noCursor : message,
    ...(extensions ? { extensions } : {}),
  }))
