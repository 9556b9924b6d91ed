import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { BuildCatalog } from '../../../warehouses/contract/builds.js'
import type { Caller } from '../callers/caller.js'
import { type Looked, WhilePointersStand } from '../callers/while-pointers-stand.js'

/** Names that came once. */
const maxSeen = 20_000

/** What was made of requests, by the name of their bytes. What comes once (behind many proxies each request has a name of its own) takes no place. */
export class Remembered<T> {
  private readonly known: WhilePointersStand<T>
  private readonly seen = new LRUCache<string, true>({ max: maxSeen })
  private readonly arrived = new WeakMap<IncomingMessage, NonNullable<Looked<T>['keep']>>()

  constructor(maxBytes: number, catalog: BuildCatalog) {
    this.known = new WhilePointersStand(maxBytes, catalog)
  }

  /** For a request that has just arrived; undefined where it has to go the whole way. */
  take(request: IncomingMessage, name: string): T | undefined {
    const { value, keep } = this.known.look(name)
    if (value !== undefined || !keep) return value
    if (this.seen.has(name)) this.arrived.set(request, keep)
    else this.seen.set(name, true)
    return undefined
  }

  /** What was made of a request, where the same bytes would have it made again. */
  keep(request: IncomingMessage, caller: Caller, value: T, bytes: number): void {
    // Each of his requests counts.
    if (caller.access.limits.requestsPerMinute !== undefined) return
    this.arrived.get(request)?.(value, caller, bytes)
  }
}
