import { type BatchEntry, writeBatchManifest } from '../bronze/batch-manifest.js'
import { hashOf } from '../bronze/hash.js'
import { recordOfBatches } from '../bronze/named-objects.js'
import { StoreError } from '../bronze/object-store.js'
import type { UnnamedBatches } from '../control/batches.js'
import type { RunContext } from '../steps/context.js'
import { write } from '../steps/step.js'

/**
 * Version 0.1 wrote no manifests of batches. The first run after it writes them, so that other stores get these objects too. A batch whose object is gone
 * stays without: nothing is known of its bytes.
 */
export async function nameOldBatches(context: RunContext): Promise<void> {
  const { batches, store, lease } = context
  const unnamed = await batches.unnamed()
  if (unnamed.length === 0) return
  const states = await batches.states()
  for (const group of unnamed) {
    const state = states.find(({ source }) => source === group.source)
    const entries: BatchEntry[] = []
    for (const batch of group.batches) entries.push(...(await entryOf(context, batch)))
    if (!state || entries.length === 0) continue
    const { source, runId, dt, sequence } = group
    const { source: _, ...ofState } = { ...state, entities: [...state.entities] }
    const manifest = { version: 1, source, runId, dt, sequence, state: ofState, batches: entries } as const
    await writeBatchManifest(store, (name, subject, perform) => write(context, name, subject, perform), manifest)
    const sha256 = Object.fromEntries(entries.map((entry) => [entry.entity, entry.sha256]))
    await write(context, 'control.batches', `${source} of ${runId}`, () =>
      batches.name(lease, recordOfBatches(manifest), store.name, sha256),
    )
  }
}

/** None when an object is gone. */
async function entryOf({ store }: RunContext, batch: UnnamedBatches['batches'][number]): Promise<BatchEntry[]> {
  const { objectKey, quarantineKey, reasons, ...rest } = batch
  const read = async (key: string) => ({ key, ...(await hashOf(await store.get(key))) })
  try {
    const entry = { ...rest, ...(await read(objectKey)) }
    return [quarantineKey === null ? entry : { ...entry, quarantine: { ...(await read(quarantineKey)), reasons } }]
  } catch (error) {
    if (error instanceof StoreError && error.code === 'OBJECT_NOT_FOUND') return []
    throw error
  }
}
