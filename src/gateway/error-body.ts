import type { ErrorCode } from '../../resolvers/index.js'

/** The body of every error that is answered before GraphQL sees the request, in GraphQL's own form. */
export function errorBody(code: ErrorCode, message: string, details: Readonly<Record<string, string>> = {}) {
  return { errors: [{ message, extensions: { ...details, code } }] }
}
