import type { Readable } from 'node:stream'
import type { ObjectCopy } from '../bronze/copy-object.js'
import { hashOf } from '../bronze/hash.js'
import { type ObjectStore, StoreError } from '../bronze/object-store.js'

/**
 * Writes an object to every store that does not have it right, and returns the names of those. The first must take it; another one that cannot lacks it still,
 * which "goldgate stores verify" shows.
 */
export async function putWhereMissing(
  stores: readonly ObjectStore[],
  object: ObjectCopy['object'],
  body: () => Readable,
): Promise<readonly string[]> {
  const written: string[] = []
  for (const [index, store] of stores.entries()) {
    try {
      if (await put(store, object, body)) written.push(store.name)
    } catch (error) {
      if (index === 0 || !(error instanceof StoreError)) throw error
    }
  }
  return written
}

async function put(store: ObjectStore, { key, sha256 }: ObjectCopy['object'], body: () => Readable): Promise<boolean> {
  if ((await store.put(key, body(), { sha256 })).created) return true
  if ((await hashOf(await store.get(key))).sha256 === sha256) return false
  await store.delete(key)
  await store.put(key, body(), { sha256 })
  return true
}
