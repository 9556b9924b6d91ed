import type { BronzeObject } from '../bronze/delivery.js'
import type { Mapping } from '../sources/mapping.js'

/** What conform is asked: everything of one source in one run. It needs nothing else, so that other processes can share the work. */
export interface ConformRequest {
  readonly mapping: Mapping
  readonly runId: string
  /** Every object that an entity of this run reads, with a path on this machine, in an order that is always the same: that of the runs, then of the keys. */
  readonly objects: readonly LocalObject[]
  readonly entities: readonly EntityRequest[]
  /** An empty folder of this request's own, for Parquet, quarantine and DuckDB's spill; the caller stores what it wants to keep and removes it. */
  readonly workDirectory: string
  /** Of the DuckDB instance. */
  readonly memoryLimitMb: number
}

export type LocalObject = BronzeObject & { readonly path: string }

export interface EntityRequest {
  readonly entity: string
  /** Keys of the objects of the driving dataset: all of the delivery (`full`), or only the new ones (`append`). */
  readonly objectKeys: readonly string[]
  /** Keys of the objects of every other dataset that the SELECT reads. */
  readonly lookupKeys: readonly string[]
  /** Names the output. */
  readonly hash: string
}

export interface ConformedEntity {
  readonly entity: string
  readonly hash: string
  readonly parquetPath: string
  readonly bytes: number
  readonly counts: EntityCounts
  /** Of the driving dataset: the sum of `rows` is `counts.quarantined`. */
  readonly quarantine: readonly QuarantineReason[]
  /** NDJSON of the rejected rows (dataset, object, row, lines, reason, column, raw), ordered by object and row; absent when there are none. */
  readonly quarantinePath?: string
}

/** raw = loaded + collapsed + quarantined + filtered, or a row got lost. */
export interface EntityCounts {
  readonly raw: number
  readonly loaded: number
  /** Exact duplicates, superseded versions, and lines that a grouped entity folds into one row. */
  readonly collapsed: number
  readonly quarantined: number
  /** Left out by the mapping's own `filter`. */
  readonly filtered: number
}

export type QuarantineCode =
  /** The record as such cannot be read. */
  | 'INVALID_ENCODING'
  | 'UNCLOSED_QUOTE'
  | 'NUL_CHARACTER'
  | 'TOO_FEW_FIELDS'
  | 'TOO_MANY_FIELDS'
  | 'TOO_LONG'
  | 'INVALID_JSON'
  /** The row that the SELECT made of it does not meet the entity's declaration. */
  | 'NOT_TYPED'
  | 'REQUIRED_MISSING'
  | 'NOT_IN_LIST'
  | 'CHECK_FAILED'

export interface QuarantineReason {
  readonly dataset: string
  readonly reason: QuarantineCode
  /** The column or check concerned, where there is one. */
  readonly column?: string
  /** Raw rows: a rejected row of a grouped entity counts every line that it was made of. */
  readonly rows: number
  readonly exampleObject: string
  readonly exampleRow: number
  /** At most 500 characters; NUL as ␀, bytes that are no text as U+FFFD. */
  readonly exampleText: string
}

/** What was read of one dataset, lookups included: rejected records of a lookup are in no entity's counts. */
export interface DatasetCounts {
  readonly dataset: string
  readonly objects: number
  readonly records: number
  readonly rejected: number
}

export interface ConformResult {
  readonly entities: readonly ConformedEntity[]
  readonly datasets: readonly DatasetCounts[]
}

export interface ConformProgress {
  /** `type` once everything has been read. */
  readonly phase: 'read' | 'type'
  /** The dataset being read or the entity being typed. */
  readonly subject: string
  /** The entity that is typed while the dataset is being read. */
  readonly typing?: string
  /** Raw records read so far in this request. */
  readonly rows: number
  /** Bytes read so far in this request, as they lie in Bronze. */
  readonly bytes: number
}
