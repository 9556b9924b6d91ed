import { copyObject, type ObjectCopy } from './copy-object.js'
import { hashOf } from './hash.js'
import { StoreError } from './object-store.js'

/**
 * Makes an object again that no store has right, and writes it to those that lack it. False for one that is not made of others: a raw file, a manifest. Throws
 * `NO_GOOD_COPY` when it could be, but what it was made of is gone too.
 */
export type Restore = (object: ObjectCopy['object']) => Promise<boolean>

/** As `copyObject`, each attempt inside `write`. Returns the name of the store that it came from; undefined when it was made again. */
export async function copyOrRestore(
  copy: ObjectCopy,
  restore: Restore | undefined,
  write: <T>(perform: () => Promise<T>) => Promise<T>,
): Promise<string | undefined> {
  try {
    return (await write(() => copyObject(copy))).name
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'NO_GOOD_COPY') throw error
    if (!(await restore?.(copy.object))) throw error
  }
  const { to, object } = copy
  const there = await to.head(object.key)
  if (there && (await hashOf(await to.get(object.key))).sha256 === object.sha256) return undefined
  await write(() => copyObject({ ...copy, replace: there !== undefined }))
  return undefined
}
