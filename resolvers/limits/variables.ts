import { GoldgateError } from '../errors/goldgate-error.js'

/** Throws QUERY_TOO_DEEP for JSON that is nested so deeply that what reads it would run out of stack. */
export function checkVariableDepth(variables: unknown, limit: number): void {
  let level: unknown[] = [variables]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) {
      throw new GoldgateError('QUERY_TOO_DEEP', `The variables are nested deeper than ${limit} levels. Flatten them.`)
    }
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
}
