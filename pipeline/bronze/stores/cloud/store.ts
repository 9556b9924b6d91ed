import { Readable } from 'node:stream'
import { type Diagnosis, type ObjectStore, type StoredObject, StoreError } from '../../object-store.js'
import { checkKey, checkPrefix, compareByCodePoint, isKey } from '../keys.js'
import { tryOut } from '../try-out.js'
import { BodyFailure } from './body.js'
import type { BucketObject, CloudBucket } from './bucket.js'
import { guardedBody } from './guarded-body.js'
import { LocalCopies } from './local-copies.js'
import { putIntoBucket } from './put.js'
import { Reachability } from './reachability.js'

export interface CloudStoreOptions {
  /** Keys lie below it; without `/` at its end. Empty: the bucket is the store's own. */
  readonly prefix: string
  /** A reader that waits so long for the next bytes gets an error. */
  readonly stallMs: number
  /** An upload that began longer ago than this belongs to a process that no longer runs. */
  readonly abandonedAfterMs: number
  /** As `exists()` of the bucket, by one request that nobody repeats and that ends after seconds. */
  readonly probe: () => Promise<boolean>
}

/** An object store in a bucket of a cloud. What the clouds share is here, what they differ in behind `CloudBucket`. */
export class CloudStore implements ObjectStore {
  private readonly folder: string
  private readonly copies: LocalCopies
  /** That the bucket is there needs to be asked once: a missing object and a missing bucket look alike. */
  private bucketSeen = false
  private readonly reachability: Reachability

  constructor(
    readonly name: string,
    readonly kind: string,
    private readonly bucket: CloudBucket,
    private readonly options: CloudStoreOptions,
  ) {
    this.folder = options.prefix === '' ? '' : `${options.prefix}/`
    this.copies = new LocalCopies(this)
    this.reachability = new Reachability(async () => {
      this.bucketSeen = await options.probe()
    })
  }

  async put(key: string, body: Readable, { sha256 }: { readonly sha256?: string } = {}) {
    // It may fail before it is read; reading reports that.
    body.on('error', () => {})
    try {
      return await this.guarded(`Cannot write ${key}`, async () => {
        const put = await putIntoBucket(this.bucket, { store: this.name, key, name: this.nameOf(key), body, sha256 })
        this.bucketSeen = true
        return put
      })
    } finally {
      body.destroy()
    }
  }

  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    return this.guarded(`Cannot read ${key}`, async () => {
      const name = this.nameOf(key)
      if (range && range.end <= range.start) {
        if (!(await this.bucket.find(name))) throw await this.notFound(key)
        return Readable.from([])
      }
      const body = await this.bucket.read(name, range && { first: range.start, last: range.end - 1 })
      if (!body) throw await this.notFound(key)
      const explain = (error: unknown) => this.explained(`Cannot read ${key}`, error)
      return guardedBody(body, { stallMs: this.options.stallMs, explain })
    })
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return this.guarded(`Cannot look up ${key}`, async () => {
      const found = await this.bucket.find(this.nameOf(key))
      if (found) return this.stored(found)
      await this.requireBucket()
      return undefined
    })
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(this.name, prefix)
    let last: string | undefined
    try {
      await this.reachability.require()
      for await (const found of this.bucket.list(this.folder + prefix)) {
        // Objects in the bucket that no store could have put there are not ours: S3's console makes "folders" that end with a slash.
        if (!isKey(found.name.slice(this.folder.length))) continue
        if (last !== undefined && compareByCodePoint(last, found.name) >= 0) throw this.unordered(last, found.name)
        last = found.name
        yield this.stored(found)
      }
    } catch (error) {
      throw this.explained(`Cannot list ${prefix}`, error)
    }
  }

  async delete(key: string): Promise<void> {
    await this.guarded(`Cannot delete ${key}`, () => this.bucket.remove(this.nameOf(key)))
  }

  async localPath(key: string, cacheDirectory: string): Promise<string> {
    this.nameOf(key)
    return this.copies.pathOf(key, cacheDirectory)
  }

  uri(key: string): string {
    return `${this.bucket.uri}/${this.nameOf(key)}`
  }

  async setup(): Promise<readonly string[]> {
    return this.guarded('Cannot make the bucket', async () => {
      if (await this.bucket.exists()) return []
      await this.bucket.make()
      return [`Made ${this.bucket.description}.`]
    })
  }

  async diagnose(): Promise<Diagnosis> {
    const below = this.folder === '' ? '' : `, below ${this.folder}`
    return {
      found: `${capitalized(this.bucket.description)}${below}.`,
      problems: await tryOut(this, this.bucket.needs),
    }
  }

  /** Ends uploads that killed processes left; returns how many. */
  async sweepTemporary(): Promise<number> {
    return this.guarded('Cannot end abandoned uploads', async () => {
      const before = new Date(Date.now() - this.options.abandonedAfterMs)
      return (await this.bucket.endUploadsBefore?.(this.folder, before)) ?? 0
    })
  }

  private nameOf(key: string): string {
    checkKey(this.name, key)
    const name = this.folder + key
    // The prefix counts too.
    if (this.folder !== '') checkKey(this.name, name)
    return name
  }

  private stored({ name, bytes, sha256 }: BucketObject): StoredObject {
    const key = name.slice(this.folder.length)
    return sha256 === undefined ? { key, bytes } : { key, bytes, sha256 }
  }

  private async notFound(key: string): Promise<StoreError> {
    await this.requireBucket()
    return new StoreError('OBJECT_NOT_FOUND', this.name, `There is no object ${key} in the store ${this.name}`)
  }

  private async requireBucket(): Promise<void> {
    if (this.bucketSeen) return
    if (!(await this.bucket.exists())) {
      const message = `${capitalized(this.bucket.description)} is not there. Correct its name in goldgate.yaml, or run "goldgate setup" to make it`
      throw new StoreError('STORE_ERROR', this.name, message)
    }
    this.bucketSeen = true
  }

  private unordered(a: string, b: string): StoreError {
    const message = `It lists ${JSON.stringify(b)} after ${JSON.stringify(a)}. Goldgate needs a bucket that lists in order of names (S3's directory buckets do not)`
    return new StoreError('STORE_ERROR', this.name, message)
  }

  private async guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      await this.reachability.require()
      return await work()
    } catch (error) {
      throw this.explained(what, error)
    }
  }

  private explained(what: string, error: unknown): unknown {
    if (error instanceof BodyFailure) return error.cause
    if (error instanceof StoreError) return error
    this.reachability.note(error)
    return this.bucket.explain(`${what} in the store ${this.name} (${this.bucket.description})`, error)
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
