import type { Readable } from 'node:stream'

export interface StoredObject {
  readonly key: string
  readonly bytes: number
}

/**
 * An object store, small enough that a disk, S3 and GCS are the same thing behind it. Keys are `/`-separated text, any unicode.
 * An object appears under its key only when whole, and is never changed: `put` of a key that exists writes nothing.
 */
export interface ObjectStore {
  readonly name: string
  readonly kind: string
  /**
   * Streams `body` to `key` in constant memory. With `sha256`, content that differs is refused (`CHECKSUM_MISMATCH`) and nothing is kept.
   * `created` is false when the key existed, whatever its content.
   */
  put(
    key: string,
    body: Readable,
    options?: { readonly sha256?: string },
  ): Promise<{ readonly created: boolean; readonly bytes: number; readonly sha256: string }>
  /** Throws `OBJECT_NOT_FOUND`. `range` is in bytes, `end` exclusive. */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>
  /** Undefined when absent. */
  head(key: string): Promise<StoredObject | undefined>
  /** All objects under a prefix, ordered by key (by code point). */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Does nothing when absent. */
  delete(key: string): Promise<void>
  /** A path that a program on this machine may read, for the same bytes: the object itself on a disk, a copy in `cacheDirectory` elsewhere. */
  localPath(key: string, cacheDirectory: string): Promise<string>
  /** Removes what writers left unfinished that no longer run; where a store keeps such. Returns how many. */
  sweepTemporary?(): Promise<number>
}

export type StoreErrorCode =
  | 'OBJECT_NOT_FOUND'
  | 'CHECKSUM_MISMATCH'
  | 'INVALID_KEY'
  | 'STORE_UNAVAILABLE'
  | 'STORE_ERROR'

export class StoreError extends Error {
  constructor(
    readonly code: StoreErrorCode,
    readonly store: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'StoreError'
  }
}

/** One per kind of object store, listed in `stores/registry.ts`. */
export interface ObjectStoreKind<Options> {
  readonly kind: string
  parseOptions(raw: unknown): Options
  optionsJsonSchema(): Record<string, unknown>
  open(name: string, options: Options): Promise<ObjectStore>
}
