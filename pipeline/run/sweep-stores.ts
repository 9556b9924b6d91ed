import { text } from 'node:stream/consumers'
import { sweepOrphans } from '../bronze/land.js'
import { objectsOfManifest } from '../bronze/named-objects.js'
import type { ObjectStore } from '../bronze/object-store.js'
import type { Durable } from '../durable.js'
import type { RunContext } from '../steps/context.js'
import { write } from '../steps/step.js'
import type { StoreOutcome } from './replicate-stores.js'

/** Removes from every store that can be reached what no manifest and no batch names: what runs left that failed for good. */
export async function sweepStores(context: RunContext, outcomes: readonly StoreOutcome[]): Promise<void> {
  const whole = outcomes.filter(({ outcome }) => outcome === 'whole').map(({ store }) => store)
  for (const { store, required } of context.stores) {
    if (!whole.includes(store.name)) continue
    try {
      await sweepStore(context, store)
    } catch (error) {
      context.signal.throwIfAborted()
      if (required) throw error
    }
  }
}

async function sweepStore(context: RunContext, store: ObjectStore): Promise<void> {
  const { runs, batches, run } = context
  const durable: Durable = (name, subject, perform) => write(context, name, subject, perform)
  for (const source of run.sources) await sweepOrphans(store, source, await runs.runsWithDelivery(source), durable)
  const named = new Set([...(await batches.objectKeys()), ...(await sweepBatchManifests(context, store))])
  for (const prefix of ['silver/', 'quarantine/']) {
    for await (const object of store.list(prefix)) if (!named.has(object.key)) await remove(context, store, object.key)
  }
}

/**
 * Removes manifests of batches that never came to be: their run was interrupted before it recorded them. Returns what the manifests name whose run the control
 * database has forgotten: theirs is the only word on those objects.
 */
async function sweepBatchManifests(context: RunContext, store: ObjectStore): Promise<readonly string[]> {
  const { runs, replicas } = context
  const known = new Set((await replicas.manifests()).map(({ key }) => key))
  const kept: string[] = []
  for await (const { key } of store.list('manifests/silver/')) {
    if (known.has(key)) continue
    const runId = /\/run_id=([^/]+)\//.exec(key)?.[1]
    if (runId !== undefined && (await runs.isKnown(runId))) await remove(context, store, key)
    else kept.push(...objectsOfManifest(key, await text(await store.get(key))).map((object) => object.key))
  }
  return kept
}

function remove(context: RunContext, store: ObjectStore, key: string): Promise<void> {
  return write(context, 'store.remove', `${store.name} ${key}`, () => store.delete(key))
}
