import type { Readable } from 'node:stream'
import type { ObjectStore } from '../object-store.js'

const keysInPage = 1_000

/** A store that counts what it is asked. A listing is one request for each 1,000 keys, as S3 and GCS answer it. */
export class CountingStore {
  requests = 0

  constructor(readonly store: ObjectStore) {}

  get name(): string {
    return this.store.name
  }

  async *list(
    prefix: string,
  ): AsyncGenerator<{ readonly key: string; readonly bytes: number; readonly sha256?: string }> {
    let keys = 0
    this.requests++
    for await (const object of this.store.list(prefix)) {
      if (++keys % keysInPage === 0) this.requests++
      yield object
    }
  }

  head(key: string): ReturnType<ObjectStore['head']> {
    this.requests++
    return this.store.head(key)
  }

  get(key: string): Promise<Readable> {
    this.requests++
    return this.store.get(key)
  }
}
