import { text } from 'node:stream/consumers'
import { forEachBounded } from '../bounded.js'
import { hashOfText } from '../hash.js'
import { type NamedObject, objectsOfManifest } from '../named-objects.js'
import { StoreError } from '../object-store.js'
import type { VerifyRequest } from './contract.js'
import type { CountingStore } from './counting-store.js'

const manifestsAtOnce = 8

/** An object that should be in every store. */
export interface ExpectedObject {
  readonly key: string
  readonly bytes: number
  readonly sha256: string
  readonly isManifest: boolean
  /** Names of the stores that should have it by now; the others owe it. */
  readonly dueIn: Set<string>
}

export interface Expected {
  readonly objects: ReadonlyMap<string, ExpectedObject>
  /** SHA-256 of each manifest as it lies in a store, by `store key`: manifests are always read. */
  readonly manifestHashes: ReadonlyMap<string, string>
  /** What a manifest needs in a store that owes it. */
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly lostManifests: readonly string[]
  /** Why a store could not be read, by its name. */
  readonly failures: ReadonlyMap<string, string>
}

/** Everything that the manifests name, each read from a store that has it as it was written. `unreachable` stores are not asked. */
export async function readExpected(
  stores: readonly CountingStore[],
  inScope: (store: string) => boolean,
  manifests: ReadonlyMap<string, string | null>,
  unreachable: ReadonlyMap<string, string>,
  { isOwed, signal }: Pick<VerifyRequest, 'isOwed' | 'signal'>,
): Promise<Expected> {
  const objects = new Map<string, ExpectedObject>()
  const manifestHashes = new Map<string, string>()
  const needs = new Map<string, string[]>()
  const lostManifests: string[] = []
  const failures = new Map(unreachable)
  const add = (object: Pick<NamedObject, 'key' | 'bytes' | 'sha256'>, manifest: string, isManifest: boolean) => {
    const { key, bytes, sha256 } = object
    const expected = objects.get(key) ?? { key, bytes, sha256, isManifest, dueIn: new Set<string>() }
    objects.set(key, expected)
    for (const { name } of stores) if (!isOwed(name, manifest)) expected.dueIn.add(name)
  }

  await forEachBounded(manifests, manifestsAtOnce, async ([key, sha256]) => {
    let right: string | undefined
    let named: readonly NamedObject[] = []
    for (const store of stores) {
      signal?.throwIfAborted()
      if (failures.has(store.name) || (right !== undefined && !inScope(store.name))) continue
      const content = await readIfThere(store, key).catch((error: unknown) => {
        signal?.throwIfAborted()
        failures.set(store.name, error instanceof Error ? error.message : String(error))
        return undefined
      })
      if (content === undefined) continue
      const hash = hashOfText(content)
      manifestHashes.set(`${store.name} ${key}`, hash)
      if (right !== undefined || (sha256 !== null && hash !== sha256)) continue
      const objectsThere = objectsIfManifest(key, content)
      if (objectsThere === undefined) continue
      right = content
      named = objectsThere
    }
    if (right === undefined) {
      lostManifests.push(key)
      return
    }
    for (const object of named) add(object, key, false)
    add({ key, bytes: Buffer.byteLength(right), sha256: hashOfText(right) }, key, true)
    if (stores.some(({ name }) => isOwed(name, key))) {
      needs.set(key, [...named.map((object) => object.key), key])
    }
  })
  return { objects, manifestHashes, needs, lostManifests: lostManifests.sort(), failures }
}

/** Undefined when it is not there. */
async function readIfThere(store: CountingStore, key: string): Promise<string | undefined> {
  try {
    return await text(await store.get(key))
  } catch (error) {
    if (error instanceof StoreError && error.code === 'OBJECT_NOT_FOUND') return undefined
    throw error
  }
}

function objectsIfManifest(key: string, content: string): readonly NamedObject[] | undefined {
  try {
    return objectsOfManifest(key, content)
  } catch {
    return undefined
  }
}
