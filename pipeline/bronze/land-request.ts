import type { Durable } from '../durable.js'
import type { Dataset, Mapping } from '../sources/mapping.js'
import type { SourcePlace } from '../sources/source-error.js'
import type { Delivery } from './delivery.js'
import type { ObjectStore } from './object-store.js'

export interface LandRequest {
  readonly mapping: Mapping
  /** Folder of the source's files. */
  readonly dataDirectory: string
  readonly store: ObjectStore
  readonly runId: string
  /** "YYYY-MM-DD", UTC, of the run's start. */
  readonly dt: string
  /** Of the run, for the manifest. */
  readonly sequence?: number
  /** The delivery before, of another run. */
  readonly previous: Delivery | undefined
  /**
   * Throws for a file that conform could not read: what is in Bronze once is read again and again where a dataset keeps its history.
   * `where` is for its errors: `path` may be anywhere.
   */
  readonly countRecords: (path: string, dataset: Dataset, where: SourcePlace) => Promise<number>
  readonly durable: Durable
  readonly onProgress?: (progress: LandProgress) => void
  readonly signal?: AbortSignal
}

/** Of all files so far; unchanged files count for nothing. */
export interface LandProgress {
  readonly rows: number
  readonly bytes: number
  /** Dataset and file. */
  readonly message: string
}
