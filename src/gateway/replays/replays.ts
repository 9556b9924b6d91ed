import { hash } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { BuildCatalog, PublishedBuild } from '../../../warehouses/contract/builds.js'
import { callerOf } from '../callers/ask-callers.js'
import { goodUntil } from '../callers/known-callers.js'
import { type AskedRequest, askedOf } from '../telemetry/requests.js'

/** Memory of an answer beside its bytes, roughly. */
const overhead = 1_000

/** An answer as it was sent. */
export interface Replay {
  readonly whole: Buffer
  /** All but those that name the request. */
  readonly headers: OutgoingHttpHeaders
  /** For the log and the metrics. */
  readonly asked: AskedRequest
  /** What all pointers named when it was made: as long as this is so, no build and no key has changed. */
  readonly pointers: ReadonlyMap<string, PublishedBuild>
  readonly until: number
}

interface Arrived {
  readonly name: string
  readonly pointers: ReadonlyMap<string, PublishedBuild>
}

/**
 * Whole answers by the whole request: a request with the same bytes (address, all headers, body) is answered with the same bytes, as long as nothing was published, held,
 * dropped or revoked since the first of them arrived. So whatever an answer depends on is in its name, credentials among it, of which only the SHA-256 is held.
 */
export class Replays {
  private readonly kept: LRUCache<string, Replay>
  private readonly arrived = new WeakMap<IncomingMessage, Arrived>()

  constructor(
    maxBytes: number,
    private readonly catalog: BuildCatalog,
  ) {
    this.kept = new LRUCache<string, Replay>({ maxSize: maxBytes })
  }

  /** The answer to a request that has just arrived; undefined where it has to be asked. */
  take(request: IncomingMessage, body: string): Replay | undefined {
    const pointers = this.catalog.current?.()
    if (!pointers) return undefined
    const name = nameOf(request, body)
    const replay = this.kept.get(name)
    if (replay && replay.pointers === pointers && Date.now() < replay.until) return replay
    this.arrived.set(request, { name, pointers })
    return undefined
  }

  /** Keeps what is about to be sent, where the same request would be answered with it. */
  keep(request: FastifyRequest, reply: FastifyReply, whole: Buffer): void {
    const arrived = this.arrived.get(request.raw)
    // Builds and keys were looked at between the two moments: nothing changed meanwhile.
    if (!arrived || arrived.pointers !== this.catalog.current?.()) return
    const caller = callerOf(request)
    // Each of his requests counts.
    if (caller.access.limits.requestsPerMinute !== undefined) return
    const headers = Object.entries(reply.getHeaders()).filter(([header]) => header !== 'x-request-id')
    const replay = {
      whole,
      headers: { ...Object.fromEntries(headers), 'content-length': whole.length },
      asked: askedOf(request),
      pointers: arrived.pointers,
      until: goodUntil(caller),
    }
    this.kept.set(arrived.name, replay, { size: whole.length + overhead })
  }
}

/** No header holds a line break, so that no two requests have one name. */
const nameOf = ({ method, url, rawHeaders }: IncomingMessage, body: string): string =>
  hash('sha256', `${method} ${url}\n${rawHeaders.join('\n')}\n\n${body}`, 'base64url')
