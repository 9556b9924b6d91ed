import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { SourceState } from '../../warehouses/contract/batch.js'
import type { Durable } from '../durable.js'
import { canonicalJson } from './canonical-json.js'
import { batchManifestKey } from './layout.js'
import type { ObjectStore } from './object-store.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().nonnegative()
const object = { key: z.string(), sha256, bytes: count }

const batch = z.object({
  entity: z.string(),
  mode: z.enum(['full', 'append']),
  /** Of the SELECT and everything it read. */
  hash: z.string(),
  ...object,
  /** In the object: what is loaded. */
  rows: count,
  /** rows = raw - collapsed - quarantined - filtered. */
  counts: z.object({ raw: count, collapsed: count, quarantined: count, filtered: count }),
  quarantine: z
    .object({
      ...object,
      reasons: z.array(
        z.object({
          dataset: z.string(),
          reason: z.string(),
          column: z.string().optional(),
          rows: count,
          exampleObject: z.string(),
          exampleRow: count,
          exampleText: z.string(),
        }),
      ),
    })
    .optional(),
})

const schema = z.object({
  version: z.literal(1),
  source: z.string(),
  runId: z.string(),
  /** "YYYY-MM-DD", UTC, of the run's start. */
  dt: z.iso.date(),
  /** Grows with every run of the installation: batches are merged in this order. */
  sequence: count,
  state: z.object({
    currency: z.string(),
    timezone: z.string(),
    country: z.string(),
    givenAsOf: z.iso.date().nullable(),
    entities: z.array(z.string()),
  }),
  batches: z.array(batch),
}) satisfies z.ZodType<{ state: Omit<SourceState, 'source'> }>

/** One entity of a source as a run conformed it: the object of its rows, and the one of its rejected rows where there are any. */
export type BatchEntry = z.infer<typeof batch>

/**
 * What a run conformed of a source: `manifests/silver/dt=…/run_id=…/{source}.json`, written after all its objects. It holds what the control
 * database knows of these batches, so that the one could be made again from the other.
 */
export type BatchManifest = z.infer<typeof schema>

export function parseBatchManifest(content: string): BatchManifest {
  return schema.parse(JSON.parse(content))
}

/**
 * Writes the manifest. One that an interrupted attempt of the run left there, of a mapping that was changed since, gives way: no control database
 * names it yet.
 */
export async function writeBatchManifest(store: ObjectStore, durable: Durable, manifest: BatchManifest): Promise<void> {
  const key = batchManifestKey(manifest)
  const content = canonicalJson(manifest)
  await durable('conform.manifest', key, async () => {
    if ((await store.put(key, Readable.from([Buffer.from(content)]))).created) return
    if ((await text(await store.get(key))) === content) return
    await store.delete(key)
    await store.put(key, Readable.from([Buffer.from(content)]))
  })
}
