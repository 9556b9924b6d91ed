import { LRUCache } from 'lru-cache'
import { type Access, answerExtensions, asKnownTo } from '../../../resolvers/index.js'
import type { BuildCatalog, PublishedBuild } from '../../../warehouses/contract/builds.js'
import { type Basis, current } from './basis.js'
import { wholeOf } from './contract.js'

interface Kept {
  readonly body: Buffer
  readonly basis: Basis
  /** What was last written around it, of builds as they were then. */
  written?: { readonly of: readonly PublishedBuild[]; readonly said: Said }
}

/** What the caller is told of the builds. */
interface Said {
  readonly builds: readonly PublishedBuild[]
  readonly extensions: string
  readonly whole: Buffer
}

/** A body from the cache, with what is said now of the builds it was made from. */
export interface Hit extends Said {
  readonly body: Buffer
  readonly basis: Basis
}

/** Bodies of whole answers without errors. One is given out only while the same question would be answered from the same builds. */
export class AnswerCache {
  private readonly kept: LRUCache<string, Kept>

  constructor(
    maxBytes: number,
    private readonly catalog: BuildCatalog,
  ) {
    this.kept = new LRUCache<string, Kept>({ maxSize: maxBytes })
  }

  /** Without a promise where the pointers are in memory. The key tells the access. */
  get(key: string, access: Access): Hit | undefined | Promise<Hit | undefined> {
    const kept = this.kept.get(key)
    if (!kept) return undefined
    const builds = current(kept.basis, this.catalog)
    return builds instanceof Promise ? builds.then((found) => hitOf(kept, found, access)) : hitOf(kept, builds, access)
  }

  set(key: string, body: Buffer, basis: Basis): void {
    // Once by itself, and once with what is said around it.
    this.kept.set(key, { body, basis }, { size: 2 * key.length + 2 * body.length + 2500 + 200 * basis.pinned.length })
  }
}

function hitOf(kept: Kept, now: readonly PublishedBuild[] | undefined, access: Access): Hit | undefined {
  if (!now) return undefined
  const { body, basis, written } = kept
  // The same objects as long as nothing was published, held or checked.
  if (written?.of.every((build, i) => build === now[i])) return { body, basis, ...written.said }
  const builds = now.map((build) => asKnownTo(access, build))
  const extensions = JSON.stringify({ goldgate: answerExtensions(builds, [], 'hit') })
  const said = { builds, extensions, whole: wholeOf({ body, extensions }) }
  kept.written = { of: now, said }
  return { body, basis, ...said }
}
