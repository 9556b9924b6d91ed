import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { BuildCatalog, PublishedBuild } from '../../../warehouses/contract/builds.js'
import type { Caller } from './caller.js'

const most = 10_000
/** At most so long: signing keys of tokens are renewed, and the use of an API key is noted, where callers are asked who they are. */
const believedMs = 60_000

interface Known {
  readonly caller: Caller
  readonly pointers: ReadonlyMap<string, PublishedBuild>
  readonly until: number
}

/**
 * Callers by what their requests say of them, as long as nothing was published, held, dropped or revoked since they were asked: a change of keys is a change of
 * what the pointers are known by. Only the SHA-256 of what they say is held.
 */
export class KnownCallers {
  private readonly known = new LRUCache<string, Known>({ max: most })

  constructor(private readonly catalog: BuildCatalog) {}

  /** Who sent the request; undefined where he has to be asked, and then what to `keep` him by. */
  find({ headers }: Pick<FastifyRequest, 'headers'>): { readonly caller?: Caller; keep?(caller: Caller): void } {
    const pointers = this.catalog.current?.()
    if (!pointers) return {}
    const { authorization = '', 'x-api-key': key = '', 'x-goldgate-role': role = '' } = headers
    const name = hash('sha256', JSON.stringify([authorization, key, role]), 'base64url')
    const known = this.known.get(name)
    if (known && known.pointers === pointers && Date.now() < known.until) return known
    return {
      keep: (caller) => {
        // He was asked between the two moments.
        if (pointers !== this.catalog.current?.()) return
        this.known.set(name, { caller, pointers, until: goodUntil(caller) })
      },
    }
  }
}

/** Until when what is known of a caller may be believed. */
export const goodUntil = ({ goodUntil: end = Number.POSITIVE_INFINITY }: Caller): number =>
  Math.min(end, Date.now() + believedMs)
