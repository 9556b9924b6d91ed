import type { Batch, SourceState } from '../../warehouses/contract/batch.js'
import type { WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import { batchIdentity, type StoredBatch } from '../control/batches.js'
import type { RunContext } from '../steps/context.js'
import { sideBySide } from '../steps/side-by-side.js'
import { type Progress, runStep, write } from '../steps/step.js'

/** Load and merge in one warehouse: every batch that its ledger does not name yet, in the order of the runs. */
export async function fillSilver(
  context: RunContext,
  name: string,
  writer: WarehouseWriter,
  stored: readonly StoredBatch[],
  states: readonly SourceState[],
): Promise<void> {
  const loaded = new Set<string>()
  const merged = new Set<string>()
  for (const state of states) {
    const ledger = await writer.ledger(state.source)
    for (const hash of ledger.loaded) loaded.add(hash)
    for (const hash of ledger.merged) merged.add(hash)
  }
  // By the warehouse's own ledger: one that was emptied, or lost its files to a paused runner, is filled again.
  const open = stored.filter((batch) => !loaded.has(batchIdentity(batch)) || !merged.has(batchIdentity(batch)))
  const batches: Batch[] = []
  for (const batch of open) batches.push(await readable(context, batch))
  const toLoad = batches.filter((batch) => !loaded.has(batch.hash))
  const toMerge = batches.filter((batch) => !merged.has(batch.hash))
  const load = async (progress: Progress) => {
    let rows = 0n
    let bytes = 0
    await sideBySide(byEntity(toLoad), async (batch) => {
      await write(context, 'warehouse.load', `${name} ${batch.source}.${batch.entity.name}`, () => writer.load(batch))
      rows += batch.rows
      bytes += batch.bytes
      progress({ rows, bytes, message: batch.entity.name })
    })
    return toLoad.length === 0 ? undefined : { rows, bytes }
  }
  const merge = async (progress: Progress) => {
    let rows = 0n
    await sideBySide(byEntity(toMerge), async (batch) => {
      await write(context, 'warehouse.merge', `${name} ${batch.source}.${batch.entity.name}`, () => writer.merge(batch))
      rows += batch.rows
      progress({ rows, message: batch.entity.name })
    })
    for (const state of states) {
      await write(context, 'warehouse.sources', `${name} ${state.source}`, () => writer.mergeSource(state))
    }
    return { rows }
  }
  await runStep(context, 'load', name, load, toLoad.length > 0)
  await runStep(context, 'merge', name, merge, toMerge.length > 0)
}

async function readable(context: RunContext, stored: StoredBatch): Promise<Batch> {
  const entity = context.entities.find((candidate) => candidate.name === stored.entity)
  if (!entity) throw new Error(`Batches name the entity ${stored.entity}, which is no longer declared`)
  return {
    source: stored.source,
    entity,
    mode: stored.mode,
    runId: stored.runId,
    hash: batchIdentity(stored),
    parquetPath: await context.local.path({ ...stored, key: stored.objectKey }),
    uris: context.stores.flatMap(({ store }) =>
      stored.heldBy.includes(store.name) ? (store.uri(stored.objectKey) ?? []) : [],
    ),
    rows: stored.rows,
    bytes: stored.bytes,
  }
}

/** Batches of one entity keep their order; the entities with most rows come first, so that none is left over at the end. */
function byEntity(batches: readonly Batch[]): Batch[][] {
  const groups = new Map<string, Batch[]>()
  for (const batch of batches) groups.set(batch.entity.name, [...(groups.get(batch.entity.name) ?? []), batch])
  const rows = (group: readonly Batch[]) => group.reduce((sum, batch) => sum + batch.rows, 0n)
  return [...groups.values()].sort((a, b) => (rows(a) < rows(b) ? 1 : rows(a) > rows(b) ? -1 : 0))
}
