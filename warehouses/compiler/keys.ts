import type { Value } from '../contract/values.js'
import type { Filter } from './query.js'

/** Values of columns that name rows together, none of them NULL: NULL points to nothing. */
export interface Keys {
  readonly columns: readonly string[]
  /** One value for each column. No key is there twice. */
  readonly values: readonly (readonly NonNullable<Value>[])[]
}

/** The rows that have one of the keys. Columns in front that many keys share, such as `source`, are compared once for all of them. */
export function keysFilter({ columns, values }: Keys): Filter {
  const [column, ...others] = columns
  if (column === undefined) throw new RangeError('A key needs at least one column.')
  const rests = new Map<NonNullable<Value>, (readonly NonNullable<Value>[])[]>()
  for (const [first, ...rest] of values) {
    if (first === undefined || rest.length !== others.length)
      throw new RangeError(`A key has one value for each of ${columns.join(', ')}.`)
    const same = rests.get(first)
    if (same) same.push(rest)
    else rests.set(first, [rest])
  }
  if (others.length === 0) return { column, op: 'in', values: [...rests.keys()] }
  const alternatives = [...rests].map(
    ([value, rest]): Filter => ({
      and: [{ column, op: 'eq', value }, keysFilter({ columns: others, values: rest })],
    }),
  )
  const [only, ...more] = alternatives
  return only && more.length === 0 ? only : { or: alternatives }
}
