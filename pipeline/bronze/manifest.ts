import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { Durable } from '../durable.js'
import { canonicalJson } from './canonical-json.js'
import type { Delivery } from './delivery.js'
import { manifestKey } from './layout.js'
import { type ObjectStore, StoreError } from './object-store.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().nonnegative()

const schema: z.ZodType<Delivery> = z.object({
  version: z.literal(1),
  source: z.string(),
  runId: z.string(),
  dt: z.iso.date(),
  sequence: count.optional(),
  objects: z.array(
    z.object({
      dataset: z.string(),
      key: z.string(),
      file: z.string(),
      sha256,
      bytes: count,
      rows: count,
      runId: z.string(),
    }),
  ),
})

/** Throws `OBJECT_NOT_FOUND`, or `STORE_ERROR` when the object is no manifest that this version can read. */
export async function readDelivery(store: ObjectStore, key: string): Promise<Delivery> {
  const content = await text(await store.get(key))
  try {
    return parseDelivery(content)
  } catch (error) {
    const message = `${key} in the store ${store.name} is no manifest of Bronze that this version can read`
    throw new StoreError('STORE_ERROR', store.name, message, { cause: error })
  }
}

export function parseDelivery(content: string): Delivery {
  return schema.parse(JSON.parse(content))
}

/** Undefined when that run has not finished landing. */
export async function deliveryIfLanded(store: ObjectStore, key: string): Promise<Delivery | undefined> {
  return (await store.head(key)) ? readDelivery(store, key) : undefined
}

/** Returns the delivery that the store holds: another one's when it was there first. */
export async function writeDelivery(store: ObjectStore, durable: Durable, delivery: Delivery): Promise<Delivery> {
  const key = manifestKey(delivery)
  const body = Buffer.from(canonicalJson(delivery))
  const { created } = await durable('bronze.manifest', key, () => store.put(key, Readable.from([body])))
  return created ? delivery : readDelivery(store, key)
}
