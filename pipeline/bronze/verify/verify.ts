import { manifestKindOf } from '../layout.js'
import { isKey } from '../stores/keys.js'
import { type Checked, checkStore, type Listing, listStore } from './check-store.js'
import {
  type Finding,
  isRepaired,
  type StoreVerification,
  type Verification,
  type VerifyProgress,
  type VerifyRequest,
} from './contract.js'
import { CountingStore } from './counting-store.js'
import { type Expected, readExpected } from './expected.js'
import { repairStore } from './repair-store.js'

interface Look {
  readonly store: CountingStore
  readonly listing: Listing
  readonly error?: string
}

/**
 * Compares every store with what all manifests name: those of the control database, and those in a store that do not contradict them. A store that cannot be reached is a
 * result, not an error. Stores are looked at side by side, each with a bounded number of requests at once.
 */
export async function verifyStores(request: VerifyRequest): Promise<Verification> {
  const { signal } = request
  const stores = request.stores.map((store) => new CountingStore(store))
  const inScope = (name: string) => request.only === undefined || request.only === name
  const started = performance.now()
  const progress =
    ({ name }: CountingStore) =>
    (now: VerifyProgress) =>
      request.onProgress?.(name, now)

  const looks = await Promise.all(stores.filter(({ name }) => inScope(name)).map((store) => look(store, request)))
  const unreachable = new Map(looks.flatMap(({ store, error }) => (error === undefined ? [] : [[store.name, error]])))
  const expected = await readExpected(stores, inScope, strangersIn(looks, request), unreachable, request)
  const checked = new Map<string, Checked & { error?: string; seconds: number }>()
  await Promise.all(
    looks.map(async ({ store, listing }) => {
      const error = expected.failures.get(store.name)
      const onProgress = progress(store)
      const check = { store, listing, expected, deep: request.deep, onProgress, signal }
      const result = error === undefined ? await checkStore(check).catch(failure(signal)) : { ...nothing, error }
      checked.set(store.name, { ...result, seconds: seconds(started) })
    }),
  )
  const results = await Promise.all(
    looks.map(async ({ store }): Promise<StoreVerification> => {
      const { findings, ...rest } = checked.get(store.name) ?? { ...nothing, seconds: 0 }
      const after = request.repair && !rest.error ? await repair(request, store, findings, expected, checked) : findings
      const { requests } = store
      const repaired = after === findings ? {} : { seconds: seconds(started) }
      return { store: store.name, ...totals(expected), ...rest, findings: after, requests, ...repaired }
    }),
  )
  const whole = new Map(results.map((result) => [result.store, wholeManifests(result, expected, request)]))
  const { lostManifests, contradictions } = expected
  return { stores: results, lostManifests, contradictions, whole }
}

async function look(store: CountingStore, { onProgress, signal }: VerifyRequest): Promise<Look> {
  onProgress?.(store.name, { phase: 'list', objects: 0, of: 0, bytes: 0 })
  try {
    return { store, listing: await listStore(store, signal) }
  } catch (error) {
    return { store, listing: new Map(), error: failure(signal)(error).error }
  }
}

/** What lies where manifests lie and no control database names. A name that no store could have written cannot even be asked for. */
function strangersIn(looks: readonly Look[], { manifests }: VerifyRequest): readonly string[] {
  const known = new Set(manifests.map(({ key }) => key))
  const isStranger = (key: string) => manifestKindOf(key) !== undefined && isKey(key) && !known.has(key)
  return [...new Set(looks.flatMap(({ listing }) => [...listing.keys()].filter(isStranger)))]
}

function repair(
  { stores, durable, restore, onProgress, signal }: VerifyRequest,
  { store }: CountingStore,
  findings: readonly Finding[],
  { objects }: Expected,
  checked: ReadonlyMap<string, Checked & { error?: string }>,
): Promise<readonly Finding[]> {
  const wrong = new Map([...checked].map(([name, result]) => [name, new Set(result.findings.map(({ key }) => key))]))
  const isSuspect = (name: string, key: string) => checked.get(name)?.error !== undefined || wrong.get(name)?.has(key)
  const others = stores.filter((each) => each !== store)
  return repairStore({
    store,
    findings,
    objects,
    sourcesOf: (key) => [
      ...others.filter(({ name }) => !isSuspect(name, key)),
      ...others.filter(({ name }) => isSuspect(name, key)),
    ],
    durable,
    restore,
    onProgress: (progress) => onProgress?.(store.name, progress),
    signal,
  })
}

/** Of the manifests that a store owed: those that are there now, with everything they name. */
function wholeManifests(
  { store, error, findings }: StoreVerification,
  { needs }: Expected,
  { isOwed }: VerifyRequest,
): readonly string[] {
  if (error !== undefined) return []
  const lacking = new Set(findings.flatMap((each) => (isRepaired(each) ? [] : [each.key])))
  return [...needs].flatMap(([key, keys]) =>
    isOwed(store, key) && keys.every((needed) => !lacking.has(needed)) ? [key] : [],
  )
}

function totals({ objects }: Expected): { objects: number; bytes: number } {
  let bytes = 0
  for (const object of objects.values()) bytes += object.bytes
  return { objects: objects.size, bytes }
}

const nothing: Checked = { findings: [], bytesRead: 0 }

/** A store that fails is a result; a verification that was stopped is over. */
const failure = (signal: AbortSignal | undefined) => (error: unknown) => {
  signal?.throwIfAborted()
  return { ...nothing, error: error instanceof Error ? error.message : String(error) }
}

const seconds = (started: number) => (performance.now() - started) / 1_000
