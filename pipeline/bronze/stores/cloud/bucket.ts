import type { Readable } from 'node:stream'
import type { StoreError } from '../../object-store.js'
import type { Needs } from '../try-out.js'

/** What Goldgate keeps beside each object. */
export interface ObjectNote {
  /** Of the whole content. */
  readonly sha256: string
  /** Names the one put that made the object, so that a repeated request whose first answer was lost knows its own object. */
  readonly put: string
}

export interface BucketObject {
  /** The whole name, the store's prefix included. */
  readonly name: string
  readonly bytes: number
  readonly sha256?: string
  readonly put?: string
}

/** Bytes, both ends included, as HTTP has them. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** One vendor's bucket, through its official client. Errors are the client's own; `explain` makes them a store's. */
export interface CloudBucket {
  /** In one piece. False when the name is taken. */
  create(name: string, content: Buffer, note: ObjectNote): Promise<boolean>
  /** In parts, none of them empty. When `parts` throws, the object does not come to be. False when the name is taken. */
  createFromParts(name: string, parts: AsyncIterable<Buffer>, note: ObjectNote): Promise<boolean>
  /** Undefined when there is no such object; empty where the range begins behind its end. */
  read(name: string, range?: ByteRange): Promise<Readable | undefined>
  /** Undefined when there is no such object, also when there is no bucket. */
  find(name: string): Promise<BucketObject | undefined>
  /** In the order of UTF-8 bytes. */
  list(prefix: string): AsyncIterable<BucketObject>
  /** Does nothing when there is no such object. */
  remove(name: string): Promise<void>
  /** Ends the uploads below the prefix that began before `time`; returns how many. Where nothing of them can be seen or cost, absent. */
  endUploadsBefore?(prefix: string, time: Date): Promise<number>
  exists(): Promise<boolean>
  /** Makes the bucket. */
  make(): Promise<void>
  /** `the bucket retail in eu-central-1` */
  readonly description: string
  /** `s3://retail` */
  readonly uri: string
  /** The size of each part but the last, by its number from 0; at least 1 part. */
  partBytes(number: number): number
  readonly needs: Needs
  /** Any error as one of the store, without anything secret. `what` is what was tried: "Cannot write a/b.csv". */
  explain(what: string, error: unknown): StoreError
}
