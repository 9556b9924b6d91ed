import type { QueryOptions } from './warehouse.js'

/** What the rows of one model of a build come to; equal in every warehouse that holds the build. */
export interface ModelDigest {
  readonly model: string
  readonly rows: bigint
  /** Exact sum of each numeric measure in plain notation at its scale, by the measure's name; null where no row has a value. */
  readonly sums: Readonly<Record<string, string | null>>
  /** Sum over all rows of `hash60` of the row's canonical text, so that the order of rows does not matter. A whole number. */
  readonly checksum: string
}

/** One warehouse's attempt at the build that is compared. */
interface ParityWarehouse {
  readonly warehouse: string
  /** `built`: its checks did not end. */
  readonly status: 'built' | 'passed' | 'failed'
}

/** What one warehouse has of one model. */
export interface ModelFigures extends ModelDigest {
  readonly warehouse: string
  /** Figures that are not those of the first warehouse: `rows`, names of measures, `checksum`. Empty: the rows are the same. */
  readonly differs: readonly string[]
}

export interface ModelParity {
  readonly model: string
  readonly equal: boolean
  /** In the order of the report's warehouses; the others are compared with the first. */
  readonly figures: readonly ModelFigures[]
}

export interface ParityReport {
  readonly buildId: string
  readonly equal: boolean
  /** Those that hold the build and have digests of it, in the configuration's order. */
  readonly warehouses: readonly ParityWarehouse[]
  readonly models: readonly ModelParity[]
}

/** A key whose rows are not the same in two warehouses. Values are canonical text. */
export interface DifferingKey {
  readonly key: Readonly<Record<string, string | null>>
  /** How many rows of this key each of the two has: one each, unless a row is missing or the grain is violated. */
  readonly rows: readonly [bigint, bigint]
  /** Columns with unlike values, where each of the two has one row. */
  readonly columns: readonly { readonly column: string; readonly values: readonly [string | null, string | null] }[]
}

export interface KeyDifferences {
  readonly model: string
  /** The two that are compared; pairs of values are in this order. */
  readonly warehouses: readonly [string, string]
  readonly keys: readonly DifferingKey[]
  /** True when there are more than were asked for. */
  readonly more: boolean
}

/** Parity as it is shown; the control store and the warehouses answer it, `src` hands it over. */
export interface ParityCatalog {
  /** Of a build, else of the newest one; all models, else one. Undefined when no warehouse has digests of such a build. */
  report(options: { readonly build?: string; readonly model?: string }): Promise<ParityReport | undefined>
  /** The first `limit` differing keys of a model in each warehouse whose figures differ from those of the first. */
  differingKeys(build: string, model: string, limit: number, options?: QueryOptions): Promise<readonly KeyDifferences[]>
}
