import { text } from 'node:stream/consumers'
import { hashOfText } from '../hash.js'
import { type NamedObject, objectsOfManifest } from '../named-objects.js'
import { StoreError } from '../object-store.js'
import type { CountingStore } from './counting-store.js'
import { objectsOfStranger } from './stranger.js'

export interface ReadManifest {
  readonly key: string
  readonly content: string
  readonly named: readonly NamedObject[]
}

/** Manifests as they lie in the stores. A store that fails is not asked again. */
export class ManifestCopies {
  /** SHA-256 of each copy that was read, by `store key`. */
  readonly hashes = new Map<string, string>()
  /** Why a store could not be read, by its name. */
  readonly failures: Map<string, string>

  constructor(
    private readonly stores: readonly CountingStore[],
    private readonly inScope: (store: string) => boolean,
    unreachable: ReadonlyMap<string, string>,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.failures = new Map(unreachable)
  }

  /** One that the control database names, from the first store that has it as it was written; with `sha256` null, from the first that has one. */
  async known(key: string, sha256: string | null): Promise<ReadManifest | undefined> {
    let right: ReadManifest | undefined
    for (const store of this.stores) {
      if (right && !this.inScope(store.name)) continue
      const content = await this.read(store, key)
      if (content === undefined || right || (sha256 !== null && hashOfText(content) !== sha256)) continue
      const named = orNone(() => objectsOfManifest(key, content))
      right = named && { key, content, named }
    }
    return right
  }

  /** One that the control database does not name, or the reason why it is not believed: nobody knows what it was when it was written. */
  async stranger(key: string): Promise<ReadManifest | string> {
    const contents = new Set<string>()
    for (const store of this.stores) {
      const content = await this.read(store, key)
      if (content !== undefined) contents.add(content)
    }
    const [content = ''] = contents
    if (contents.size > 1) return 'the control database does not name it, and its copies differ'
    const named = orNone(() => objectsOfStranger(key, content))
    return named ? { key, content, named } : 'it is no manifest, and the control database does not name it'
  }

  /** Undefined when it is not there, or the store cannot be read. */
  private async read(store: CountingStore, key: string): Promise<string | undefined> {
    this.signal?.throwIfAborted()
    if (this.failures.has(store.name)) return undefined
    try {
      const content = await text(await store.get(key))
      this.hashes.set(`${store.name} ${key}`, hashOfText(content))
      return content
    } catch (error) {
      this.signal?.throwIfAborted()
      if (error instanceof StoreError && error.code === 'OBJECT_NOT_FOUND') return undefined
      this.failures.set(store.name, error instanceof Error ? error.message : String(error))
      return undefined
    }
  }
}

function orNone<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
