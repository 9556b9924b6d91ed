import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from './limits.js'

/**
 * Throws for variables that whoever reads them would drown in: QUERY_TOO_DEEP for JSON that is nested so deeply that it would run out of stack,
 * QUERY_TOO_LARGE for more values than any question needs, of which graphql-js would tell each that is wrong together with all others.
 */
export function checkVariables(variables: unknown, limits: Pick<Limits, 'variableDepth' | 'variableValues'>): void {
  let level: unknown[] = [variables]
  let values = 0
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.variableDepth) {
      throw new GoldgateError(
        'QUERY_TOO_DEEP',
        `The variables are nested deeper than ${limits.variableDepth} levels. Flatten them.`,
      )
    }
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      for (const each of Object.values(value)) next.push(each)
    }
    values += next.length
    if (values > limits.variableValues) {
      throw new GoldgateError(
        'QUERY_TOO_LARGE',
        `The variables hold more than ${limits.variableValues} values. Split the question, or filter by an attribute instead of a list of keys.`,
      )
    }
    level = next
  }
}
