import { GoldgateError } from '../errors/goldgate-error.js'

/**
 * Strings, block strings and comments, in which a bracket means nothing; or a bracket. A string without an end is one as well: it would be looked for again from each quote in it,
 * which takes the square of its length.
 */
const parts = /"""(?:\\"""|[\s\S])*?(?:"""|$)|"(?:\\.|[^"\\\n\r])*"?|#[^\n\r]*|[{}[\]()]/g

/**
 * Throws QUERY_TOO_DEEP for a query whose brackets of any kind are nested deeper than the limit. GraphQL's parser calls itself for each of them and
 * runs out of stack before any other limit is looked at. It need not be right about text that is not GraphQL: the parser sees that.
 */
export function checkSourceDepth(source: string, limit: number): void {
  let depth = 0
  for (const [part] of source.matchAll(parts)) {
    if (part === '{' || part === '[' || part === '(') depth += 1
    else if (part === '}' || part === ']' || part === ')') depth -= 1
    if (depth > limit) {
      throw new GoldgateError('QUERY_TOO_DEEP', `The query has more than ${limit} brackets one in another. Flatten it.`)
    }
  }
}
