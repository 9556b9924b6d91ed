import type { Readable } from 'node:stream'

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /**
   * Of the whole content, as its writer stated it: where the store keeps it beside the object. S3 and GCS do for every object that Goldgate put
   * (S3 tells it in `head` only, not in `list`); a disk does not. The bytes may have been damaged since: only reading them tells.
   */
  readonly sha256?: string
}

/** What a look at a store found, for people. */
export interface Diagnosis {
  /** One line: where it is and how it is reached. */
  readonly found: string
  /** Each says what does not work, and what to do; empty when the pipeline can work with it. */
  readonly problems: readonly string[]
}

/**
 * An object store, small enough that a disk, S3 and GCS are the same thing behind it. Keys are `/`-separated text, any unicode.
 * An object appears under its key only when whole, and is never changed: `put` of a key that exists writes nothing. What has resolved is durable.
 * Only `StoreError`s leave a store, but the error of a body passes as it is.
 */
export interface ObjectStore {
  readonly name: string
  readonly kind: string
  /**
   * Streams `body` to `key` in constant memory. With `sha256`, content that differs is refused (`CHECKSUM_MISMATCH`) and nothing is kept.
   * `created` is false when the key existed, whatever its content. The body is always ended, also where nothing of it was read.
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
  /** Where other programs find the object: `s3://bucket/prefix/key`, `gs://bucket/prefix/key`. Undefined where only this store can reach it. */
  uri(key: string): string | undefined
  /** Makes what is missing and may be made (a bucket, a folder), and says in sentences what it did. Done twice, it does nothing. */
  setup(): Promise<readonly string[]>
  /** Tries what the pipeline needs, with a tiny object below `.goldgate-check/` that it removes. Does not throw for what it finds. */
  diagnose(): Promise<Diagnosis>
  /** Removes what writers left unfinished that no longer run; where a store keeps such. Returns how many. */
  sweepTemporary?(): Promise<number>
}

export type StoreErrorCode =
  | 'OBJECT_NOT_FOUND'
  | 'CHECKSUM_MISMATCH'
  | 'INVALID_KEY'
  /** It cannot be reached or does not answer: the same may work later. */
  | 'STORE_UNAVAILABLE'
  /** Credentials are missing, wrong, expired, or may not do this. */
  | 'ACCESS_DENIED'
  /** What a store should get is in no other store as its manifest names it. */
  | 'NO_GOOD_COPY'
  | 'STORE_ERROR'

export class StoreError extends Error {
  /** Whoever asked is known but may not do this, so that a grant would help. */
  readonly lacksPermission: boolean

  constructor(
    readonly code: StoreErrorCode,
    readonly store: string,
    message: string,
    { lacksPermission = false, ...options }: { cause?: unknown; lacksPermission?: boolean } = {},
  ) {
    super(message, options)
    this.name = 'StoreError'
    this.lacksPermission = lacksPermission
  }
}

/** One per kind of object store, listed in `stores/registry.ts`. */
export interface ObjectStoreKind<Options> {
  readonly kind: string
  parseOptions(raw: unknown): Options
  optionsJsonSchema(): Record<string, unknown>
  /** Where a store of these options lies, as `warehouses/contract/location.ts` writes it: no two in one profile may overlap. */
  location(options: Options): string
  open(name: string, options: Options): Promise<ObjectStore>
}
