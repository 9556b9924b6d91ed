import type { Entity } from '../../models/types.js'

/** The typed rows of one entity of one source, as conform wrote them: one Parquet file. */
export interface Batch {
  readonly source: string
  readonly entity: Entity
  /** `full`: replaces all rows of the source. `append`: adds, the newest version of a key wins. */
  readonly mode: 'full' | 'append'
  /** The run that conformed it. Batches are loaded in the order of their runs. */
  readonly runId: string
  /** SHA-256 of the SELECT and of everything it read; names the batch in the ledger and its landing table. */
  readonly hash: string
  /** A file on this machine: `source`, the entity's columns, then the lineage columns, in the declaration's order and types. */
  readonly parquetPath: string
  /**
   * Where the same bytes lie in object stores that are known to hold them (`gs://…`, `s3://…`); empty when none. A warehouse that can load
   * from one may do so, `parquetPath` always works.
   */
  readonly uris: readonly string[]
  readonly rows: bigint
  readonly bytes: number
}

/** What a warehouse must know about a source besides its rows: written by merge into `silver.sources` and `silver.source_entities`. */
export interface SourceState {
  readonly source: string
  readonly currency: string
  readonly timezone: string
  readonly country: string
  /** "YYYY-MM-DD" where the run was given one; null = the newest order_date or return_date. */
  readonly givenAsOf: string | null
  /** Entities that the mapping fills, even with no rows. */
  readonly entities: readonly string[]
}
