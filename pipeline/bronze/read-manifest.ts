import { text } from 'node:stream/consumers'
import { hashOfText } from './hash.js'
import { objectsOfManifest } from './named-objects.js'
import { type ObjectStore, StoreError } from './object-store.js'

export interface WrittenManifest {
  readonly key: string
  /** Null where it is not known: then the first one that can be read is taken at its word. */
  readonly sha256: string | null
}

/**
 * A manifest from the first of the stores that has it as it was written: one flipped byte that was believed would be written down in every later manifest. Throws
 * `NO_GOOD_COPY` when none has it. `needed` is a store without which nothing goes on: when it cannot be read, that is the error, whatever others lack.
 */
export async function readManifest(
  { key, sha256 }: WrittenManifest,
  stores: readonly ObjectStore[],
  needed: ObjectStore,
): Promise<{ readonly content: string; readonly from: ObjectStore }> {
  const reasons: string[] = []
  for (const from of stores) {
    try {
      const content = await text(await from.get(key))
      if (sha256 === null ? isManifest(key, content) : hashOfText(content) === sha256) return { content, from }
      reasons.push(`${key} in the store ${from.name} is not what was written there`)
    } catch (error) {
      if (!(error instanceof StoreError) || (from === needed && error.code !== 'OBJECT_NOT_FOUND')) throw error
      reasons.push(error.message)
    }
  }
  throw new StoreError(
    'NO_GOOD_COPY',
    needed.name,
    `No object store has ${key} as it was written: ${reasons.join('; ')}`,
  )
}

function isManifest(key: string, content: string): boolean {
  try {
    objectsOfManifest(key, content)
    return true
  } catch {
    return false
  }
}
