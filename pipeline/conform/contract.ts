import type { Mapping } from '../sources/mapping.js'
import type { BronzeObject } from '../bronze/delivery.js'

/** What conform is asked: everything of one source in one run. It needs nothing else, so that other processes can share the work. */
export interface ConformRequest {
  readonly mapping: Mapping
  readonly runId: string
  /** Every object that an entity of this run reads, with a path on this machine. */
  readonly objects: readonly (BronzeObject & { readonly path: string })[]
  readonly entities: readonly EntityRequest[]
  /** An empty folder of this request's own, for Parquet, quarantine and DuckDB's spill; the caller stores what it wants to keep and removes it. */
  readonly workDirectory: string
  /** Of the DuckDB instance. */
  readonly memoryLimitMb: number
}

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
  readonly quarantine: readonly QuarantineReason[]
  /** NDJSON of the rejected rows (dataset, object, row, reason, raw), absent when there are none. */
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

export interface QuarantineReason {
  readonly dataset: string
  /** Stable and short: `INVALID_ENCODING`, `UNCLOSED_QUOTE`, `NUL_CHARACTER`, `TOO_FEW_FIELDS`, `TOO_MANY_FIELDS`, `INVALID_JSON`, `NOT_TYPED`, `REQUIRED_MISSING`, `NOT_IN_LIST`, `CHECK_FAILED`. */
  readonly reason: string
  /** The column or check concerned, where there is one. */
  readonly column?: string
  readonly rows: number
  readonly exampleObject: string
  readonly exampleRow: number
  readonly exampleText: string
}

export interface ConformResult {
  readonly entities: readonly ConformedEntity[]
}

/** An error of the input as a whole: the run stops, the published build stays. */
export class SourceError extends Error {
  constructor(
    readonly code:
      | 'SOURCE_NOT_FOUND'
      | 'MAPPING_INVALID'
      | 'FILE_MISSING'
      | 'FILE_UNREADABLE'
      | 'FILE_EMPTY'
      | 'COLUMN_UNKNOWN'
      | 'CONFORM_FAILED',
    message: string,
    readonly where: {
      readonly source: string
      readonly dataset?: string
      readonly file?: string
      readonly column?: string
      /** Position in a mapping's file, from 1. */
      readonly line?: number
      readonly position?: number
    },
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'SourceError'
  }
}
