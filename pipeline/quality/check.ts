import type { Severity } from '../../models/types.js'

/** Something that must hold before a build is published, ready to run in one warehouse. */
export interface Check {
  /** Unique and stable: `silver.sales.key`, `gold.daily_revenue.grain`, or the name of a file of `sql/checks`. */
  readonly name: string
  /** `error` keeps the build from being published, `warn` is reported. */
  readonly severity: Severity
  readonly description: string
  /** A SELECT of the violating rows, one row for each violation, in the warehouse's dialect. */
  readonly sql: string
  /** Columns of that SELECT that tell people which rows they are. */
  readonly shows: readonly string[]
  /** Where the check is a condition on single rows of one table: all such checks of a table share one scan. */
  readonly scan?: { readonly table: string; readonly violation: string }
}

export interface CheckResult {
  readonly name: string
  readonly severity: Severity
  readonly status: 'passed' | 'failed'
  readonly violations: bigint
  /** The first few violations for people; empty when passed. */
  readonly sample: string
}
