import { text } from 'node:stream/consumers'
import { sweepOrphans } from '../bronze/land.js'
import { folders, manifestsOf, runIdIn, sourceOfBatch, sourceOfManifest } from '../bronze/layout.js'
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
  const { kept, unread } = await sweepBatchManifests(context, store)
  const named = new Set([...(await batches.objectKeys()), ...kept])
  for (const prefix of [folders.silver, folders.quarantine]) {
    for await (const { key } of store.list(prefix)) {
      if (!named.has(key) && !unread.has(sourceOfBatch(key))) await remove(context, store, key)
    }
  }
}

interface SweptManifests {
  /** Objects that are named by manifests which the control database has forgotten: theirs is the only word on them. */
  readonly kept: readonly string[]
  /** Sources of manifests that this version cannot read: nobody knows which objects those name. */
  readonly unread: ReadonlySet<string>
}

/**
 * Removes manifests of batches that never came to be: their run was interrupted before it recorded them. A stranger, which is no manifest that this version can
 * read, is told of and left where it is.
 */
async function sweepBatchManifests(context: RunContext, store: ObjectStore): Promise<SweptManifests> {
  const { runs, replicas } = context
  const known = new Set((await replicas.manifests()).map(({ key }) => key))
  const kept: string[] = []
  const unread = new Set<string>()
  for await (const { key } of store.list(manifestsOf('silver'))) {
    if (known.has(key)) continue
    const runId = runIdIn(key)
    if (runId !== undefined && (await runs.isKnown(runId))) {
      await remove(context, store, key)
      continue
    }
    const objects = namedBy(key, await text(await store.get(key)))
    if (objects) kept.push(...objects)
    else {
      unread.add(sourceOfManifest(key) ?? '')
      const message = 'is no manifest that this version can read, and is left where it is. Remove it if it is not yours'
      context.emit({ step: 'sweep', subject: `${store.name} ${key}`, state: 'skipped', message })
    }
  }
  return { kept, unread }
}

/** Undefined where the text is no manifest. */
function namedBy(key: string, content: string): readonly string[] | undefined {
  try {
    return objectsOfManifest(key, content).map((object) => object.key)
  } catch {
    return undefined
  }
}

function remove(context: RunContext, store: ObjectStore, key: string): Promise<void> {
  return write(context, 'store.remove', `${store.name} ${key}`, () => store.delete(key))
}
