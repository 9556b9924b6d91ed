import { LRUCache } from 'lru-cache'
import type { BuildCatalog, PublishedBuild } from '../../../warehouses/contract/builds.js'
import type { Caller } from './caller.js'

interface Kept<T> {
  readonly value: T
  readonly pointers: ReadonlyMap<string, PublishedBuild>
  readonly until: number
}

/** What is known under a name, or else how to keep what is about to be found out. */
export interface Looked<T> {
  readonly value?: T
  /** Left out where nothing may be kept. */
  keep?(value: T, caller: Caller, bytes?: number): void
}

/**
 * What was found out about requests, as long as nothing was published, held, dropped or revoked since it was asked for. The pointers in memory are one and the same map for as long as
 * none of these has happened anywhere, and whoever makes one of them waits until this process knows it (`pipeline/control/pointer-watch.ts`); so what was looked up between two
 * moments with the same map is what would be found now. A name has to tell everything that it depends on besides. And nothing is believed for longer than its caller is.
 */
export class WhilePointersStand<T> {
  private readonly kept: LRUCache<string, Kept<T>>

  constructor(
    maxBytes: number,
    private readonly catalog: BuildCatalog,
  ) {
    this.kept = new LRUCache<string, Kept<T>>({ maxSize: maxBytes })
  }

  look(name: string): Looked<T> {
    const pointers = this.catalog.current?.()
    if (!pointers) return {}
    const kept = this.kept.get(name)
    if (kept && kept.pointers === pointers && Date.now() < kept.until) return kept
    return {
      keep: (value, caller, bytes = 1_000) => {
        if (pointers !== this.catalog.current?.()) return
        this.kept.set(name, { value, pointers, until: caller.believedUntil }, { size: bytes })
      },
    }
  }
}
