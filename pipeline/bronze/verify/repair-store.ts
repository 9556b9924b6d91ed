import type { Durable } from '../../durable.js'
import { forEachBounded } from '../bounded.js'
import { copyOrRestore, type Restore } from '../copy-or-restore.js'
import { type ObjectStore, StoreError } from '../object-store.js'
import { copiesAtOnce } from '../replicate.js'
import type { Finding, VerifyProgress } from './contract.js'
import type { ExpectedObject } from './expected.js'

export interface RepairRequest {
  readonly store: ObjectStore
  readonly findings: readonly Finding[]
  readonly objects: ReadonlyMap<string, ExpectedObject>
  /** The other stores, for each object those first that were found to have it right. */
  readonly sourcesOf: (key: string) => readonly ObjectStore[]
  readonly durable: Durable
  readonly restore: Restore | undefined
  readonly onProgress: (progress: VerifyProgress) => void
  readonly signal: AbortSignal | undefined
}

/** Writes what is missing or damaged again: the objects, then the manifests that name them. Returns all findings with what came of them. */
export async function repairStore(request: RepairRequest): Promise<readonly Finding[]> {
  const { findings, objects, onProgress } = request
  const broken = findings.filter(({ kind }) => kind !== 'extra')
  const outcomes = new Map<string, Partial<Finding>>()
  let bytes = 0
  const repair = async ({ key, kind }: Finding) => {
    request.signal?.throwIfAborted()
    const object = objects.get(key)
    if (!object) return
    outcomes.set(key, await repairOne(request, object, kind === 'damaged'))
    bytes += object.bytes
    onProgress({ phase: 'repair', objects: outcomes.size, of: broken.length, bytes })
  }
  const isManifest = ({ key }: Finding) => objects.get(key)?.isManifest === true
  await forEachBounded(
    broken.filter((finding) => !isManifest(finding)),
    copiesAtOnce,
    repair,
  )
  await forEachBounded(broken.filter(isManifest), copiesAtOnce, repair)
  return findings.map((finding) => ({ ...finding, ...outcomes.get(finding.key) }))
}

async function repairOne(
  { store, sourcesOf, durable, restore }: RepairRequest,
  object: ExpectedObject,
  replace: boolean,
): Promise<Pick<Finding, 'repairedFrom' | 'conformedAgain' | 'notRepaired'>> {
  const write = object.isManifest ? 'replicate.manifest' : 'replicate.object'
  try {
    const copy = { from: sourcesOf(object.key), to: store, object, replace }
    const source = await copyOrRestore(copy, restore, (work) => durable(write, `${store.name} ${object.key}`, work))
    return source === undefined ? { conformedAgain: true } : { repairedFrom: source }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { notRepaired: error.message }
  }
}
