import { hash } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeader } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BuildCatalog } from '../../../warehouses/contract/builds.js'
import { callerOf } from '../callers/ask-callers.js'
import type { Caller } from '../callers/caller.js'
import type { Answer } from '../questions/contract.js'
import { warehouseIn } from '../request.js'
import { type AskedRequest, askedOf } from '../telemetry/requests.js'
import { Remembered } from './remembered.js'

/** Memory of what is kept beside its bytes, roughly. */
const overhead = 1_000
const bytesOfHeads = 2 ** 20

/** What the way through all hooks has made of the head of a request: all of it but its body. */
export interface Admitted {
  readonly caller: Caller
  readonly warehouse: string | undefined
  /** Of an answer without errors, name and value in turns, but those that name the request or tell its length. */
  readonly headers: readonly OutgoingHttpHeader[]
  /** For the log and the metrics. */
  readonly asked: AskedRequest
}

/** An answer as it was sent. */
export interface Replay extends Pick<Admitted, 'headers' | 'asked'> {
  readonly whole: Buffer
}

/**
 * What is known of requests before they go the whole way. Of a request with the same bytes (address, all headers, body) the whole answer, where it came from a cache. Of a question with the
 * same head (address and all headers) what hooks look at: who asks, what he may read, whether the host and the origin are served, and the form of the answer. Credentials are in the names,
 * of which only the SHA-256 is held, but for the last one of each open connection.
 */
export class Front {
  private readonly replays: Remembered<Replay> | undefined
  private readonly heads: Remembered<Admitted> | undefined
  /** Whether a question with a known head may be answered without hooks. */
  readonly answersHeads: boolean
  /** What came last on a connection, on which the same comes again mostly: as long as it is open, its credentials are in memory anyway. */
  private readonly last = new WeakMap<Socket, { readonly head: string; readonly name: string }>()

  /** `replayBytes`: of answers; 0: none is kept. `heads`: false where hooks look at more than the head. */
  constructor(
    catalog: BuildCatalog,
    { replayBytes, heads }: { readonly replayBytes: number; readonly heads: boolean },
  ) {
    this.replays = replayBytes > 0 ? new Remembered(replayBytes, catalog) : undefined
    this.heads = heads || replayBytes > 0 ? new Remembered(bytesOfHeads, catalog) : undefined
    this.answersHeads = heads
  }

  replay(request: IncomingMessage, head: string, body: string): Replay | undefined {
    return this.replays?.take(request, nameOf(`${head}\n${body}`))
  }

  admitted(request: IncomingMessage, head: string): Admitted | undefined {
    if (!this.heads) return undefined
    const last = this.last.get(request.socket)
    if (last?.head === head) return this.heads.take(request, last.name)
    const name = nameOf(head)
    this.last.set(request.socket, { head, name })
    return this.heads.take(request, name)
  }

  /** Keeps what may come again of a request that went the whole way. */
  keep(request: FastifyRequest, reply: FastifyReply, answer: Answer): void {
    if (!this.replays && !this.heads) return
    const caller = callerOf(request)
    const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined || ofOneAnswer.has(name) ? [] : [name, value],
    )
    const asked = askedOf(request)
    const head = { caller, warehouse: warehouseIn(request), headers, asked }
    if (request.method === 'POST' && !answer.failed)
      this.heads?.keep(request.raw, caller, head, overhead + sizeOf(head))
    const etag = reply.getHeader('etag')
    const own = typeof etag === 'string' ? [...headers, 'etag', etag] : headers
    this.keepReplay(request.raw, { caller, headers: own, asked }, answer)
  }

  /** Keeps an answer that came from a cache: it may come again. */
  keepReplay(
    request: IncomingMessage,
    { caller, headers, asked }: Pick<Admitted, 'caller' | 'headers' | 'asked'>,
    { whole }: Answer,
  ): void {
    if (!whole) return
    const replay = { whole, headers: [...headers, 'content-length', whole.length], asked }
    this.replays?.keep(request, caller, replay, whole.length + overhead)
  }
}

const ofOneAnswer: ReadonlySet<string> = new Set(['x-request-id', 'content-length', 'etag'])
const sizeOf = ({ warehouse = '', headers }: Admitted): number =>
  2 * headers.reduce<number>((sum, each) => sum + String(each).length, warehouse.length)
const nameOf = (text: string): string => hash('sha256', text, 'base64url')

/** Address and headers, but for the length of the body. No header holds a line break, so that no two heads are one text. */
export function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url}\n`
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length !== 14 || name.toLowerCase() !== 'content-length') head += `${name}: ${rawHeaders[i + 1]}\n`
  }
  return head
}
