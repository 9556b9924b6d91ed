import { forEachBounded } from '../bounded.js'
import { hashOfText } from '../hash.js'
import { manifestKindOf, runIdIn } from '../layout.js'
import type { NamedObject } from '../named-objects.js'
import type { VerifyRequest } from './contract.js'
import type { CountingStore } from './counting-store.js'
import { Expectations, type ExpectedObject } from './expectations.js'
import { ManifestCopies, type ReadManifest } from './manifest-copies.js'

export type { ExpectedObject } from './expectations.js'

const manifestsAtOnce = 8

export interface Expected {
  readonly objects: ReadonlyMap<string, ExpectedObject>
  /** SHA-256 of each manifest as it lies in a store, by `store key`: manifests are always read. */
  readonly manifestHashes: ReadonlyMap<string, string>
  /** What a manifest of the control database needs in a store that owes it. */
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly lostManifests: readonly string[]
  readonly contradictions: readonly string[]
  /** What lies where manifests lie and is not believed, with the reason. */
  readonly disbelieved: ReadonlyMap<string, string>
  /** Why a store could not be read, by its name. */
  readonly failures: ReadonlyMap<string, string>
}

/**
 * Everything that manifests name, each read from a store that has it as it was written. `strangers` are those that only lie in stores: they add what the control
 * database has forgotten, and change nothing that it knows. `unreachable` stores are not asked.
 */
export async function readExpected(
  stores: readonly CountingStore[],
  inScope: (store: string) => boolean,
  strangers: readonly string[],
  unreachable: ReadonlyMap<string, string>,
  { manifests, isOwed, signal }: Pick<VerifyRequest, 'manifests' | 'isOwed' | 'signal'>,
): Promise<Expected> {
  const copies = new ManifestCopies(stores, inScope, unreachable, signal)
  const expectations = new Expectations()
  const needs = new Map<string, string[]>()
  const lostManifests: string[] = []
  const disbelieved = new Map<string, string>()
  const dueIn = (key: string) => stores.flatMap(({ name }) => (isOwed(name, key) ? [] : [name]))

  await forEachBounded(manifests.entries(), manifestsAtOnce, async ([age, { key, sha256 }]) => {
    const found = await copies.known(key, sha256)
    if (!found) {
      lostManifests.push(key)
      return
    }
    const due = dueIn(key)
    for (const object of found.named) {
      expectations.add(object, { manifest: key, rank: rankOf(object, key, sha256, age) }, due)
    }
    expectations.add(self(found), { manifest: 'the control database', rank: Infinity }, due, true)
    if (due.length < stores.length) needs.set(key, [...found.named.map((object) => object.key), key])
  })
  await forEachBounded(strangers, manifestsAtOnce, async (key) => {
    const found = await copies.stranger(key)
    const doubt = typeof found === 'string' ? found : doubtOf(found, expectations, lostManifests)
    if (typeof found === 'string' || doubt !== undefined) {
      if (doubt !== undefined) disbelieved.set(key, doubt)
      return
    }
    const due = dueIn(key)
    for (const object of found.named) expectations.addOfStranger(object, due)
    expectations.addOfStranger(self(found), due, true)
  })
  const { objects, contradictions } = expectations
  const { hashes: manifestHashes, failures } = copies
  return { objects, manifestHashes, needs, lostManifests: lostManifests.sort(), contradictions, disbelieved, failures }
}

/** Why a stranger's manifest is not believed; undefined when nothing speaks against it. */
function doubtOf({ named }: ReadManifest, known: Expectations, lost: readonly string[]): string | undefined {
  if (known.isRefuted(named)) return 'the control database does not name it, and knows other content of what it names'
  return lost.length > 0
    ? 'the control database does not name it, and manifests that could refute it are lost'
    : undefined
}

/**
 * The manifest of the run that landed a raw file saw it; one that names it again only took over what an earlier one said, the later the less certain. A batch is
 * written anew by each run that names it, so that the last one counts. A manifest whose own SHA-256 is not known comes after all others.
 */
function rankOf({ runId }: NamedObject, key: string, sha256: string | null, age: number): number {
  if (sha256 === null) return -Infinity
  if (manifestKindOf(key) === 'silver') return age
  return runIdIn(key) === runId ? Number.MAX_VALUE : -age
}

function self({ key, content }: ReadManifest): Pick<NamedObject, 'key' | 'bytes' | 'sha256'> {
  return { key, bytes: Buffer.byteLength(content), sha256: hashOfText(content) }
}
