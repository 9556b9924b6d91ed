import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from '../limits/limits.js'

export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}

export interface Page {
  readonly size: number
  /** True for `last`: the rows are taken from the end of what the cursor leaves. */
  readonly fromEnd: boolean
  readonly cursor?: { readonly side: 'after' | 'before'; readonly text: string }
}

/** Throws PAGE_ARGUMENTS_INVALID and PAGE_TOO_LARGE. */
export function readPage({ first, after, last, before }: PageArguments, limits: Limits): Page {
  if (given(first) && given(last))
    throw invalid('`first` and `last` cannot be given together: a page is taken from one end.')
  if (given(after) && given(before))
    throw invalid('`after` and `before` cannot be given together: a page begins at one cursor.')
  const size = first ?? last ?? limits.defaultPageSize
  if (size < 0) throw invalid(`\`${given(first) ? 'first' : 'last'}\` cannot be negative.`)
  if (size > limits.maxPageSize) {
    throw new GoldgateError(
      'PAGE_TOO_LARGE',
      `A page holds at most ${limits.maxPageSize} rows, not ${size}. Page on with \`pageInfo.endCursor\`.`,
      { details: { maximum: limits.maxPageSize } },
    )
  }
  // `before` alone asks for the page in front of the cursor, not for the first one of the whole list.
  const fromEnd = given(last) || (given(before) && !given(first))
  if (given(after)) return { size, fromEnd, cursor: { side: 'after', text: after } }
  return given(before) ? { size, fromEnd, cursor: { side: 'before', text: before } } : { size, fromEnd }
}

const given = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined
const invalid = (message: string): GoldgateError => new GoldgateError('PAGE_ARGUMENTS_INVALID', message)
