import type { GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import type { Comparison, Value } from '../contract/values.js'
import type { Slot } from './slot.js'

export type FilterValue = NonNullable<Value> | Slot

/** A condition on rows. NULL handling is SQL's, but `ne` and `notIn` also match NULL, as people expect of "not this value". */
export type Filter =
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly column: string; readonly op: Comparison | 'contains' | 'startsWith'; readonly value: FilterValue }
  | { readonly column: string; readonly op: 'in' | 'notIn'; readonly values: readonly FilterValue[] }
  | { readonly column: string; readonly op: 'between'; readonly from: FilterValue; readonly to: FilterValue }
  | { readonly column: string; readonly op: 'isNull'; readonly value: boolean }

export interface SortKey {
  readonly column: string
  readonly direction: 'asc' | 'desc'
  readonly nulls: 'first' | 'last'
}

/** Rows of one model. `order` ends with the whole grain, so that it is total; `seek` holds one value per sort key. */
export interface RowsQuery {
  readonly model: GoldModel
  readonly build: BuildRef
  /** At least one. Columns of sort keys are always read besides, for cursors. */
  readonly columns: readonly string[]
  readonly where?: Filter
  readonly order: readonly SortKey[]
  /** Rows strictly after or before this position of the order. `before` answers in the order's own direction too. */
  readonly seek?: { readonly side: 'after' | 'before'; readonly values: readonly Value[] }
  /** Take the last `limit` rows of what is left instead of the first; the answer is in the order's own direction all the same. */
  readonly fromEnd?: boolean
  /** Left out: all of them, for exports. */
  readonly limit?: number | undefined
}
