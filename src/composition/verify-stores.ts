import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { entities } from '../../models/entities/index.js'
import type { Restore } from '../../pipeline/bronze/copy-or-restore.js'
import { runIdIn } from '../../pipeline/bronze/layout.js'
import { isSound, type VerifyProgress } from '../../pipeline/bronze/verify/contract.js'
import { verifyStores } from '../../pipeline/bronze/verify/verify.js'
import { Lease } from '../../pipeline/control/lease.js'
import { RunLog } from '../../pipeline/control/runs.js'
import type { Durable } from '../../pipeline/durable.js'
import { objectsAtHand } from '../../pipeline/restore/objects-at-hand.js'
import { claimWorkFolder } from '../../pipeline/run/work-folder.js'
import type { RunEvent } from '../../pipeline/run-events.js'
import { loadMapping } from '../../pipeline/sources/load-mappings.js'
import { fenced } from '../../pipeline/steps/fenced.js'
import type { StoresReport, VerifyStoresRequest } from '../app.js'
import type { Installation } from './installation.js'
import { mappingFolders } from './pipeline.js'
import { requireStore } from './pipeline-stores.js'

export interface VerifyHooks {
  readonly durable: Durable
  readonly onEvent: (event: RunEvent) => void
  readonly signal: AbortSignal
}

/** Looks only, beside runs too. A repair takes the lease: no run writes meanwhile, and what the stores then hold is recorded. */
export async function verifyInstallation(
  installation: Installation,
  request: VerifyStoresRequest,
  hooks: VerifyHooks,
): Promise<StoresReport> {
  if (request.store !== undefined) requireStore(installation.config, request.store)
  if (!request.repair) return verify(installation, request, hooks)
  const { connection, database } = await installation.control()
  const lease = await Lease.acquire({ ...connection, seconds: installation.config.pipeline.leaseSeconds })
  const work = await claimWorkFolder(join(installation.config.home, 'work'), lease.token)
  const signal = AbortSignal.any([hooks.signal, lease.lost])
  const runs = new RunLog(database, lease)
  const durable = fenced(hooks.durable, runs, signal)
  try {
    return await verify(installation, request, { ...hooks, durable, signal }, { lease, runs, work })
  } catch (error) {
    if (lease.lost.aborted) throw lease.lost.reason
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
    await lease.release()
  }
}

interface Repair {
  readonly lease: Lease
  readonly runs: RunLog
  /** For files that are read and made meanwhile. */
  readonly work: string
}

async function verify(
  installation: Installation,
  { deep = false, repair = false, store: only }: VerifyStoresRequest,
  { durable, onEvent, signal }: VerifyHooks,
  repairing?: Repair,
): Promise<StoresReport> {
  const started = performance.now()
  const { replicas } = await installation.control()
  const stores = await installation.stores()
  const manifests = await replicas.manifests()
  const known = new Set(manifests.map(({ key }) => key))
  const unfinished = await replicas.unfinishedRuns()
  const held = new Map(await Promise.all(stores.map(async ({ name }) => [name, await replicas.held(name)] as const)))
  const verification = await verifyStores({
    stores,
    manifests,
    ...(only === undefined ? {} : { only }),
    // What a run that goes on has written is not recorded yet.
    isOwed: (store, key) =>
      known.has(key) ? !held.get(store)?.has(key) : unfinished.some((run) => run === runIdIn(key)),
    deep,
    repair,
    durable,
    ...(repairing && { restore: await restoreOf(installation, repairing, { durable, onEvent, signal }) }),
    onProgress: (store, progress) => onEvent({ step: 'verify', subject: store, ...progressEvent(progress) }),
    signal,
  })
  for (const [store, keys] of verification.whole) {
    if (!repairing || keys.length === 0) continue
    await durable('control.replica', `${store} repaired`, () => replicas.recordHeld(repairing.lease, store, keys))
  }
  for (const each of verification.stores) {
    const state = each.error === undefined ? 'done' : 'failed'
    const { objects, seconds, bytes, error: message } = each
    onEvent({ step: 'verify', subject: each.store, state, objects, bytes, seconds, ...(message && { message }) })
  }
  const { lostManifests, contradictions } = verification
  const seconds = (performance.now() - started) / 1_000
  return { deep, sound: isSound(verification), stores: verification.stores, lostManifests, contradictions, seconds }
}

/** What is right in no store is made again with what the installation has now: its mappings, its memory. */
async function restoreOf(
  installation: Installation,
  { runs, work }: Repair,
  { durable, onEvent, signal }: VerifyHooks,
): Promise<Restore> {
  const { config } = installation
  const { batches } = await installation.control()
  const { restore } = objectsAtHand({
    stores: await installation.stores(),
    batches,
    runs,
    entities,
    mappingOf: (source) => loadMapping(source, mappingFolders(config)),
    workDirectory: work,
    memoryLimitMb: config.pipeline.conformMemoryMb,
    durable,
    emit: onEvent,
    signal,
  })
  return restore
}

function progressEvent({ phase, objects, of, bytes }: VerifyProgress): Omit<RunEvent, 'step' | 'subject'> {
  if (phase === 'list') return { state: 'started', message: 'listing' }
  return {
    state: 'progress',
    objects,
    bytes,
    message: `${phase === 'repair' ? 'repaired' : 'looked at'} ${objects} of ${of} objects`,
  }
}
