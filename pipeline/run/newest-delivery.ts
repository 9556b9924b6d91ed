import { copyObject } from '../bronze/copy-object.js'
import type { Delivery } from '../bronze/delivery.js'
import { parseDelivery } from '../bronze/manifest.js'
import { StoreError } from '../bronze/object-store.js'
import { readManifest, type WrittenManifest } from '../bronze/read-manifest.js'
import type { RunContext } from '../steps/context.js'
import { write } from '../steps/step.js'

/**
 * The newest delivery of a source as it was written; undefined when there is none. Where the first store lost or damaged its manifest, it is written there again
 * from another store. Throws `NO_GOOD_COPY` when no store has it right.
 */
export async function newestDelivery(context: RunContext, source: string): Promise<Delivery | undefined> {
  const newest = await context.runs.newestDelivery(source)
  return newest && deliveryOf(context, newest.manifest)
}

async function deliveryOf(context: RunContext, manifest: WrittenManifest): Promise<Delivery> {
  const { store, stores } = context
  const { key, sha256 } = manifest
  const { content, from } = await readManifest(
    manifest,
    stores.map((each) => each.store),
    store,
  ).catch(withAdvice)
  const delivery = readable(key, content, from.name)
  if (from === store || sha256 === null) return delivery
  const object = { key, sha256, bytes: Buffer.byteLength(content) }
  const replace = (await store.head(key)) !== undefined
  await write(context, 'replicate.manifest', `${store.name} ${key}`, () =>
    copyObject({ from: [from], to: store, object, replace }),
  )
  const message = `${key} was missing or damaged; written again from ${from.name}`
  context.emit({ step: 'repair', subject: store.name, state: 'done', objects: 1, bytes: object.bytes, message })
  return delivery
}

function withAdvice(error: unknown): never {
  if (!(error instanceof StoreError) || error.code !== 'NO_GOOD_COPY') throw error
  const message = `${error.message}. Put it back under its key in any store, from a backup or from a store of another profile`
  throw new StoreError(error.code, error.store, message, { cause: error })
}

function readable(key: string, content: string, store: string): Delivery {
  try {
    return parseDelivery(content)
  } catch (error) {
    const message = `${key} in the store ${store} is no manifest of Bronze that this version can read`
    throw new StoreError('STORE_ERROR', store, message, { cause: error })
  }
}
