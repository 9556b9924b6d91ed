import { createReadStream } from 'node:fs'
import type { SourceState } from '../../warehouses/contract/batch.js'
import { type BatchEntry, writeBatchManifest } from '../bronze/batch-manifest.js'
import { hashOf } from '../bronze/hash.js'
import { batchKey, quarantineKey } from '../bronze/layout.js'
import { recordOfBatches } from '../bronze/named-objects.js'
import { compareByCodePoint } from '../bronze/stores/keys.js'
import type { ConformedEntity } from '../conform/contract.js'
import type { BatchRecord } from '../control/batches.js'
import type { EntityMapping, Mapping } from '../sources/mapping.js'
import type { RunContext } from '../steps/context.js'
import { write } from '../steps/step.js'

/**
 * Puts what conform wrote into the first store: the objects, then the manifest that names them, then the control database's record. Keys are made of the
 * conform hash, so that the same input never makes a second object.
 */
export async function keepBatches(
  context: RunContext,
  mapping: Mapping,
  state: SourceState,
  conformed: readonly ConformedEntity[],
): Promise<readonly BatchRecord[]> {
  const { run, store, lease, batches } = context
  const { source, ...ofState } = state
  const entries: BatchEntry[] = []
  const ordered = [...conformed].sort((a, b) => compareByCodePoint(a.entity, b.entity))
  for (const entity of ordered) entries.push(await keepEntity(context, mapping, entity))
  const about = { version: 1, source, runId: run.runId, dt: run.startedOn, sequence: run.sequence } as const
  const manifest = { ...about, state: { ...ofState, entities: [...ofState.entities] }, batches: entries }
  await writeBatchManifest(store, (name, subject, perform) => write(context, name, subject, perform), manifest)
  const records = ordered.map((entity, index) => batchRecord(run.runId, source, entity, entries[index]))
  await write(context, 'control.batches', source, () =>
    batches.record(lease, state, records, recordOfBatches(manifest), store.name),
  )
  return records
}

async function keepEntity(context: RunContext, mapping: Mapping, entity: ConformedEntity): Promise<BatchEntry> {
  const batch = { source: mapping.name, entity: entity.entity, hash: entity.hash }
  const stored = await keepFile(context, 'conform.batch', batchKey(batch), entity.parquetPath)
  const { loaded, ...counts } = entity.counts
  const entry = {
    entity: entity.entity,
    mode: modeOf(mapping, entity),
    hash: entity.hash,
    ...stored,
    rows: loaded,
    counts,
  }
  if (entity.quarantinePath === undefined) return entry
  const quarantine = await keepFile(context, 'conform.quarantine', quarantineKey(batch), entity.quarantinePath)
  return { ...entry, quarantine: { ...quarantine, reasons: entity.quarantine.map((reason) => ({ ...reason })) } }
}

/**
 * What is there already is kept when it is this content, or what an earlier manifest named (another version of the writer may write the same rows as other
 * bytes). Anything else is damaged, or was left by an attempt that was interrupted.
 */
async function keepFile(
  context: RunContext,
  name: 'conform.batch' | 'conform.quarantine',
  key: string,
  path: string,
): Promise<{ key: string; sha256: string; bytes: number }> {
  const { store, batches } = context
  const made = await hashOf(createReadStream(path))
  const put = () => store.put(key, createReadStream(path), { sha256: made.sha256 })
  return write(context, name, key, async () => {
    if ((await put()).created) return { key, ...made }
    const there = await hashOf(await store.get(key))
    if (there.sha256 === made.sha256 || there.sha256 === (await batches.sha256Of(key))) return { key, ...there }
    await store.delete(key)
    await put()
    return { key, ...made }
  })
}

function batchRecord(
  runId: string,
  source: string,
  { entity, hash, counts, quarantine }: ConformedEntity,
  entry: BatchEntry | undefined,
): BatchRecord {
  if (!entry) throw new Error(`${entity} of ${source} was not kept`)
  const { mode, key, bytes, sha256 } = entry
  const quarantineKey = entry.quarantine?.key ?? null
  return { runId, source, entity, mode, hash, objectKey: key, bytes, sha256, counts, quarantine, quarantineKey }
}

function modeOf(mapping: Mapping, entity: ConformedEntity): EntityMapping['mode'] {
  return mapping.entities.find((candidate) => candidate.entity === entity.entity)?.mode ?? 'full'
}
