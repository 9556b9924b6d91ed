import { forEachBounded } from '../bounded.js'
import { hashOf } from '../hash.js'
import { folders } from '../layout.js'
import { StoreError } from '../object-store.js'
import { isSame } from '../replicate.js'
import type { Finding, VerifyProgress } from './contract.js'
import type { CountingStore } from './counting-store.js'
import type { Expected, ExpectedObject } from './expected.js'

const looksAtOnce = 16
const readsAtOnce = 4

export type Listing = ReadonlyMap<string, { readonly bytes: number; readonly sha256?: string }>

export async function listStore(store: CountingStore, signal: AbortSignal | undefined): Promise<Listing> {
  const listing = new Map<string, { readonly bytes: number; readonly sha256?: string }>()
  // Whatever else is in a bucket is not looked at.
  for (const prefix of Object.values(folders)) {
    for await (const { key, ...found } of store.list(prefix)) {
      signal?.throwIfAborted()
      listing.set(key, found)
    }
  }
  return listing
}

export interface CheckRequest {
  readonly store: CountingStore
  readonly listing: Listing
  readonly expected: Expected
  readonly deep: boolean
  readonly onProgress: (progress: VerifyProgress) => void
  readonly signal: AbortSignal | undefined
}

export interface Checked {
  readonly findings: readonly Finding[]
  readonly bytesRead: number
}

/** Compares what is in one store with what should be. */
export async function checkStore(request: CheckRequest): Promise<Checked> {
  const { store, listing, expected, deep, onProgress, signal } = request
  const findings: Finding[] = []
  let objects = 0
  let bytesRead = 0
  const of = expected.objects.size
  const told = () => onProgress({ phase: 'check', objects, of, bytes: bytesRead })
  const onBytes = (bytes: number) => {
    signal?.throwIfAborted()
    bytesRead += bytes
    told()
  }
  await forEachBounded(expected.objects.values(), deep ? readsAtOnce : looksAtOnce, async (object) => {
    signal?.throwIfAborted()
    const problem = await problemOf(request, object, onBytes)
    if (problem) findings.push({ key: object.key, ...problem })
    objects += 1
    told()
  })
  for (const key of listing.keys()) {
    if (expected.objects.has(key)) continue
    findings.push({ key, kind: 'extra', what: expected.disbelieved.get(key) ?? 'no manifest names it' })
  }
  findings.sort((a, b) => (a.key < b.key ? -1 : 1))
  return { findings, bytesRead: bytesRead + manifestBytes(store, expected) }
}

type Problem = Pick<Finding, 'kind' | 'what'>

async function problemOf(
  { store, listing, expected, deep }: CheckRequest,
  object: ExpectedObject,
  onBytes: (bytes: number) => void,
): Promise<Problem | undefined> {
  const listed = listing.get(object.key)
  if (!listed) return absent(store, object)
  if (listed.bytes !== object.bytes) return damaged(`it has ${listed.bytes} bytes instead of ${object.bytes}`)
  if (object.isManifest) {
    const hash = expected.manifestHashes.get(`${store.name} ${object.key}`)
    return hash === object.sha256 ? undefined : damaged('its bytes are not what was written')
  }
  // A listing of S3 does not tell the checksum.
  const found = listed.sha256 === undefined ? await store.head(object.key) : listed
  if (!found) return absent(store, object)
  if (!isSame(found, object))
    return damaged(`the store has it with SHA-256 ${found.sha256} instead of ${object.sha256}`)
  if (!deep) return undefined
  try {
    const { sha256 } = await hashOf(await store.get(object.key), onBytes)
    return sha256 === object.sha256
      ? undefined
      : damaged(`its bytes have SHA-256 ${sha256} instead of ${object.sha256}`)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'OBJECT_NOT_FOUND') return absent(store, object)
    throw error
  }
}

function absent({ name }: CountingStore, { dueIn }: ExpectedObject): Problem {
  if (dueIn.has(name)) return { kind: 'missing', what: 'it is not there' }
  return { kind: 'owed', what: 'not copied yet: the next run brings it' }
}

const damaged = (what: string): Problem => ({ kind: 'damaged', what })

function manifestBytes({ name }: CountingStore, { objects, manifestHashes }: Expected): number {
  let bytes = 0
  for (const object of objects.values()) {
    if (object.isManifest && manifestHashes.has(`${name} ${object.key}`)) bytes += object.bytes
  }
  return bytes
}
