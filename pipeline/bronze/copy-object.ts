import { Readable } from 'node:stream'
import { hashOf } from './hash.js'
import type { NamedObject } from './named-objects.js'
import { type ObjectStore, StoreError } from './object-store.js'

export interface ObjectCopy {
  /** Where it may come from, the best first. */
  readonly from: readonly ObjectStore[]
  readonly to: ObjectStore
  readonly object: Pick<NamedObject, 'key' | 'bytes' | 'sha256'>
  /** The target has the key with other content. */
  readonly replace: boolean
  readonly onBytes?: (bytes: number) => void
}

/**
 * Streams an object from the first store that has it right to another one, and returns which it was: the target takes nothing whose SHA-256 differs.
 * What the target has instead is deleted only when another store was seen to have the right bytes. Throws `NO_GOOD_COPY` when none has.
 */
export async function copyObject(copy: ObjectCopy): Promise<ObjectStore> {
  const { from, to, object, replace } = copy
  const reasons: string[] = []
  for (const source of from) {
    try {
      if (replace) {
        const { sha256 } = await hashOf(await source.get(object.key))
        if (sha256 !== object.sha256) throw damaged(source, object, sha256)
        await to.delete(object.key)
      }
      const body = Readable.from(observed(await source.get(object.key), copy.onBytes), { objectMode: false })
      await to.put(object.key, body, { sha256: object.sha256 })
      return source
    } catch (error) {
      if (!isOfSource(error, source, to)) throw error
      reasons.push(error.message)
    }
  }
  const message = `No object store can give ${object.key} to ${to.name} as its manifest names it: ${reasons.join('; ') || 'there is no other store'}`
  throw new StoreError('NO_GOOD_COPY', to.name, message)
}

/** Another store may still have it: this one lacks it, holds it damaged, or cannot be read. */
function isOfSource(error: unknown, source: ObjectStore, to: ObjectStore): error is StoreError {
  if (!(error instanceof StoreError)) return false
  // What was read did not have the checksum: said by the target, of the source.
  return error.store === source.name || (error.store === to.name && error.code === 'CHECKSUM_MISMATCH')
}

function damaged(store: ObjectStore, object: ObjectCopy['object'], sha256: string): StoreError {
  const message = `${object.key} in the store ${store.name} has SHA-256 ${sha256} instead of ${object.sha256}`
  return new StoreError('CHECKSUM_MISMATCH', store.name, message)
}

async function* observed(body: Readable, onBytes: ObjectCopy['onBytes']): AsyncGenerator<unknown> {
  for await (const piece of body) {
    yield piece
    onBytes?.(piece.length)
  }
}
