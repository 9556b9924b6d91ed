import type { GraphQLFormattedError } from 'graphql'
import type { ErrorCode } from './catalogue.js'

/** Errors that one answer tells of. */
const most = 20

/**
 * Errors as a client sees them, and where there are more than anybody reads, one more that says how many were left out: a relation that fails would be told once
 * for each of its parents. Those that say something new go before those that repeat another.
 */
export function toldErrors<T extends { readonly message: string }>(
  errors: readonly T[],
  format: (error: T) => GraphQLFormattedError,
): readonly GraphQLFormattedError[] {
  if (errors.length <= most) return errors.map(format)
  const first = new Map<string, T>()
  for (const error of errors) if (!first.has(error.message)) first.set(error.message, error)
  const isNew = new Set(first.values())
  const told = new Set([...isNew, ...errors.filter((error) => !isNew.has(error))].slice(0, most))
  const left = errors.length - told.size
  return [
    ...errors.filter((error) => told.has(error)).map(format),
    {
      message: `There are ${left} more errors, which are left out.`,
      extensions: { code: 'ERRORS_LEFT_OUT' satisfies ErrorCode, errors: left },
    },
  ]
}
