import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { BuildCatalog, PublishedBuild } from '../../../warehouses/contract/builds.js'
import type { Caller } from '../callers/caller.js'
import { goodUntil } from '../callers/known-callers.js'

type Pointers = ReadonlyMap<string, PublishedBuild>

interface Kept<T> {
  readonly value: T
  /** What all pointers named when it was made: as long as this is so, no build and no key has changed. */
  readonly pointers: Pointers
  readonly until: number
}

/**
 * What was made of requests, by the name of their bytes, as long as nothing was published, held, dropped or revoked since the first of them arrived. So whatever it
 * depends on has to be in the name.
 */
export class Remembered<T> {
  private readonly kept: LRUCache<string, Kept<T>>
  private readonly arrived = new WeakMap<IncomingMessage, { readonly name: string; readonly pointers: Pointers }>()

  constructor(
    maxBytes: number,
    private readonly catalog: BuildCatalog,
  ) {
    this.kept = new LRUCache<string, Kept<T>>({ maxSize: maxBytes })
  }

  /** For a request that has just arrived; undefined where it has to go the whole way. */
  take(request: IncomingMessage, name: string): T | undefined {
    const pointers = this.catalog.current?.()
    if (!pointers) return undefined
    const kept = this.kept.get(name)
    if (kept && kept.pointers === pointers && Date.now() < kept.until) return kept.value
    this.arrived.set(request, { name, pointers })
    return undefined
  }

  /** What was made of a request, where the same bytes would have it made again. */
  keep(request: IncomingMessage, caller: Caller, value: T, bytes: number): void {
    const arrived = this.arrived.get(request)
    // Builds and keys were looked at between the two moments: nothing changed meanwhile.
    if (!arrived || arrived.pointers !== this.catalog.current?.()) return
    // Each of his requests counts.
    if (caller.access.limits.requestsPerMinute !== undefined) return
    this.kept.set(arrived.name, { value, pointers: arrived.pointers, until: goodUntil(caller) }, { size: bytes })
  }
}
