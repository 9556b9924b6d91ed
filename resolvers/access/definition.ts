import type { Limits } from '../limits/limits.js'

/** A value that a rule is written with. Text that begins with `$claims.` is the claim of that name. */
type RuleValue = string | number | boolean

/** A condition on a dimension: `eq` or `in`, never both. */
export interface RowRule {
  readonly eq?: RuleValue | undefined
  /** A list, or a claim that holds one. */
  readonly in?: string | readonly RuleValue[] | undefined
  /** Models that lack the dimension and are shown all the same. */
  readonly visibleWithout?: readonly string[] | undefined
}

/** What the configuration says of a role. */
export interface RoleDefinition {
  readonly name: string
  /** Models that it sees; all of them where left out. */
  readonly models?: readonly string[] | undefined
  /** By dimension, for each model that has it, or by `model.dimension`. A model that lacks a dimension of a rule is not visible. */
  readonly rows: Readonly<Record<string, RowRule>>
  /** Columns that it does not see, in each model that has them, or `model.column`. */
  readonly hide: readonly string[]
  /** They tighten those of the gateway. */
  readonly limits: Partial<Limits>
}

/** What a caller is known to be, beside the role: of his key or his token. */
export type Claims = Readonly<Record<string, unknown>>

const claimPrefix = '$claims.'

/** The name of the claim that a rule's value stands for; undefined for a plain value. */
export const claimNameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.startsWith(claimPrefix) ? value.slice(claimPrefix.length) : undefined
