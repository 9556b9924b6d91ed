import type { Dialect } from '../contract/dialect.js'
import { type Key, naturalNulls } from './sort-keys.js'

/** A stretch of the order that one index range holds: its condition, and its order as an index has it. */
export interface Range {
  readonly condition?: string
  readonly keys: readonly Key[]
}

/**
 * Rows behind the position in the order of `keys`, as one condition for an engine that reads the table anyway. The first key's
 * own bound stands in front where it can, for engines that skip blocks by it.
 */
export function conditionAfter(keys: readonly Key[], dialect: Dialect): string {
  const nested = (rest: readonly Key[]): string => {
    const [key, ...others] = rest
    if (key === undefined) return 'FALSE'
    const deeper = nested(others)
    const alternatives = after(key, dialect).map(({ sql }) => sql)
    if (deeper !== 'FALSE') alternatives.push(`(${at(key, dialect)} AND ${deeper})`)
    return alternatives.length > 1 ? `(${alternatives.join(' OR ')})` : (alternatives[0] ?? 'FALSE')
  }
  const first = keys[0]
  const all = nested(keys)
  if (first === undefined || first.nullable || typeof first.position !== 'string' || keys.length === 1) return all
  return `${dialect.compare(first.column, first.direction === 'asc' ? '>=' : '<=', first.position, first.type)} AND ${all}`
}

/**
 * The same rows cut into ranges that an index finds at once; no row is in two of them, and their sequence means nothing. Neighbouring keys without NULLs and
 * of one direction are compared as one row value: (a, b) > (x, y).
 */
export function rangesAfter(keys: readonly Key[], dialect: Dialect): Range[] {
  const runs = comparedTogether(keys)
  return runs.flatMap((run, index) => {
    const before = runs.slice(0, index).flat()
    const later = runs.slice(index + 1).flat()
    const fixed = before.map((key) => at(key, dialect))
    const [only, ...more] = run
    if (only === undefined) return []
    const alternatives = more.length > 0 ? [{ sql: rowAfter(run), nulls: false }] : after(only, dialect)
    return alternatives.map(({ sql, nulls }) => ({
      condition: [...fixed, sql].join(' AND '),
      keys: nulls
        ? readingOrder([...before, { ...only, position: null }], [], later)
        : readingOrder(before, run, later),
    }))
  })
}

/** The whole order: one range, or two where its first key has its NULLs at the end at which no index has them. */
export function rangesOfAll(keys: readonly Key[]): Range[] {
  const [first, ...later] = keys
  if (first === undefined || first.nulls === naturalNulls(first.direction)) return [{ keys }]
  return [
    { condition: `${first.column} IS NOT NULL`, keys: readingOrder([], [first], later) },
    { condition: `${first.column} IS NULL`, keys: readingOrder([{ ...first, position: null }], [], later) },
  ]
}

interface Alternative {
  readonly sql: string
  /** It is the key's NULLs. */
  readonly nulls: boolean
}

/** What follows the position in this key alone: nothing, the greater (smaller) values, the NULLs, or both. */
function after(key: Key, dialect: Dialect): Alternative[] {
  if (typeof key.position !== 'string')
    return key.nulls === 'first' ? [{ sql: `${key.column} IS NOT NULL`, nulls: false }] : []
  const greater = dialect.compare(key.column, key.direction === 'asc' ? '>' : '<', key.position, key.type)
  const values = { sql: greater, nulls: false }
  return key.nullable && key.nulls === 'last' ? [values, { sql: `${key.column} IS NULL`, nulls: true }] : [values]
}

const at = (key: Key, dialect: Dialect): string =>
  typeof key.position === 'string' ? dialect.compare(key.column, '=', key.position, key.type) : `${key.column} IS NULL`

function rowAfter(run: readonly Key[]): string {
  const columns = run.map((key) => key.column).join(', ')
  const positions = run.map((key) => key.position).join(', ')
  return `(${columns}) ${run[0]?.direction === 'asc' ? '>' : '<'} (${positions})`
}

/** Runs of keys that one row comparison can hold; a key that may be NULL, or whose position is, stands alone. */
function comparedTogether(keys: readonly Key[]): Key[][] {
  const plain = (key: Key | undefined): boolean =>
    key !== undefined && !key.nullable && typeof key.position === 'string'
  const runs: Key[][] = []
  for (const key of keys) {
    const last = runs.at(-1)
    if (last !== undefined && plain(last[0]) && plain(key) && last[0]?.direction === key.direction) last.push(key)
    else runs.push([key])
  }
  return runs
}

/**
 * The keys of one range as an index can deliver them. Keys fixed to a value are left out; one fixed to NULL stays, or Postgres does not see that
 * the part of the index (a, b, c) where a is NULL is in the order of b and c, and takes over the direction of what follows. `ranged` holds no NULLs.
 */
function readingOrder(fixed: readonly Key[], ranged: readonly Key[], later: readonly Key[]): Key[] {
  const moving = [...ranged.map((key) => ({ ...key, nulls: naturalNulls(key.direction) })), ...later]
  const direction = moving[0]?.direction ?? 'asc'
  const fixedNulls = fixed.filter((key) => typeof key.position !== 'string')
  return [...fixedNulls.map((key) => ({ ...key, direction, nulls: naturalNulls(direction) })), ...moving]
}
