import type { ObjectStore } from '../../pipeline/bronze/object-store.js'

interface Limits {
  readonly requestMs?: number
  readonly stallMs?: number
  /** Of the GCS client; the one of S3 is quick. */
  readonly retries?: number
}

/** A bucket of its own on a real server. */
export interface TestBucket {
  readonly cloud: 'S3' | 'GCS'
  readonly name: string
  /** Of the server. */
  readonly endpoint: string
  make(): Promise<void>
  /** As the kind of store parses them. */
  options(): object
  /** `endpoint`: another way to the server, say one that fails. */
  open(
    options?: { readonly prefix?: string; readonly bucket?: string; readonly endpoint?: string },
    limits?: Limits,
  ): ObjectStore
  /** With a SHA-256 beside it that may not be its own. */
  putRaw(key: string, content: string, sha256: string): Promise<void>
  /** With everything in it. */
  remove(): Promise<void>
}

export async function removeAll(store: ObjectStore): Promise<void> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  for (let start = 0; start < keys.length; start += 20) {
    await Promise.all(keys.slice(start, start + 20).map((key) => store.delete(key)))
  }
}
