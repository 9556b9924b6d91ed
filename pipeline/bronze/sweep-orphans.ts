import type { Durable } from '../durable.js'
import { manifestKey, rawFolder, runOfRaw } from './layout.js'
import type { ObjectStore } from './object-store.js'

/**
 * Removes the Bronze objects of runs that ended before their manifest, and what killed writers left unfinished; returns
 * how many. `runIds` are the runs of the source whose objects must stay: landed, or to be resumed. A run that the caller does not know
 * but that has a manifest keeps its objects too: what a control database has forgotten is still the source's history.
 */
export async function sweepOrphans(
  store: ObjectStore,
  source: string,
  runIds: ReadonlySet<string>,
  durable: Durable,
): Promise<number> {
  let removed = (await store.sweepTemporary?.()) ?? 0
  const decided = new Map<string, boolean>()
  for await (const { key } of store.list(rawFolder(source))) {
    const run = runOfRaw(key)
    // What no run made is not ours to remove.
    if (!run || runIds.has(run.runId)) continue
    const manifest = manifestKey({ source, ...run })
    const orphan = decided.get(manifest) ?? (await store.head(manifest)) === undefined
    decided.set(manifest, orphan)
    if (!orphan) continue
    await durable('store.remove', `${store.name} ${key}`, () => store.delete(key))
    removed++
  }
  return removed
}
