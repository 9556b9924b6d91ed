import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { mostOnConnection } from '../crowded-connections.js'
import { hasBody } from '../discard-body.js'
import type { Exchange, Exchanges } from '../exchanges.js'
import { headOf, type Replay } from './front.js'
import { answerKnownHead, type KnownHeadParts } from './known-head.js'

/** Of requests that are looked for; longer ones are no question that comes again and again. */
const maxBody = 65_536

export interface FrontListener {
  /** Answers a request, or leaves it, as it came, to `next`. */
  handle(request: IncomingMessage, response: ServerResponse, next: RequestListener): void
  /** From here on all are left to `next`. */
  close(): void
}

/** The body of a question, when it is there. */
interface Arrived {
  readonly body: Buffer
  readonly exchange: Exchange
}

/** In front of everything: of a question to /graphql whose like came before, what is known is not found out again. */
export function frontListener(
  parts: KnownHeadParts & { readonly exchanges: Exchanges },
  bodyBytes: number,
): FrontListener {
  const { front, observer, exchanges } = parts
  const longest = Math.min(maxBody, bodyBytes)
  let open = true
  const replay = (request: IncomingMessage, response: ServerResponse, known: Replay, exchange: Exchange): void => {
    const began = performance.now()
    const id = randomUUID()
    const observed = observer.begin(request, known.asked, id, 'from the cache')
    response.writeHead(200, [...known.headers, 'x-request-id', id]).end(known.whole)
    observed(200, performance.now() - began)
    // Where the client takes it slowly, a gateway that stops waits for it.
    if (request.socket.writableLength > 0) response.once('close', () => exchange.end())
    else exchange.end()
  }
  /** Whether it was answered, or will be: then its exchange is, or will be, ended. */
  const answered = (request: IncomingMessage, response: ServerResponse, head: string, arrived?: Arrived): boolean => {
    // Every byte is one character.
    const known = front.replay(request, head, arrived?.body.toString('latin1') ?? '')
    if (known) {
      replay(request, response, known, arrived?.exchange ?? exchanges.begin(request))
      return true
    }
    const admitted = arrived && front.answersHeads ? front.admitted(request, head) : undefined
    if (!arrived || !admitted) return false
    const { body, exchange } = arrived
    return answerKnownHead(request, response, body.toString('utf8'), { admitted, exchange }, parts)
  }
  return {
    handle(request, response, next) {
      const length = open && exchanges.openOn(request) < mostOnConnection ? bodyOf(request, longest) : 'none'
      if (length === 'none') return next(request, response)
      const head = headOf(request)
      if (length === 'empty') {
        if (!answered(request, response, head)) next(request, response)
        return
      }
      // Whoever is not known is asked who he is before a byte of his body is read.
      if (!front.admitted(request, head)) return next(request, response)
      // A gateway that stops waits for what has begun to come.
      const exchange = exchanges.begin(request)
      request.once('readable', () => {
        const body: Buffer | null = request.read()
        if (body?.length === length && open && answered(request, response, head, { body, exchange })) return
        // Whoever reads it next finds it as it came.
        if (body) request.unshift(body)
        next(request, response)
        exchange.end()
      })
    },
    close() {
      open = false
    },
  }
}

/** Of the addresses that one name has (`localhost`), all but the first go without: Fastify has a server for each of them, and gives out the first. */
export function standInFront(server: Server, listener: FrontListener): void {
  const [own, ...more] = server.listeners('request')
  if (!own || more.length > 0) throw new Error('The server has other than one listener.')
  const next = own as RequestListener
  server.off('request', next).on('request', (request, response) => listener.handle(request, response, next))
}

/** Bytes of the body of a question that may come again; `none`: no such question. */
function bodyOf(request: IncomingMessage, longest: number): number | 'empty' | 'none' {
  const { method, url = '', headers } = request
  if (!/^\/graphql(\?|$)/.test(url)) return 'none'
  // Whoever names his request, or traces it, sends none twice; one who waits to be told to send his body is told so elsewhere.
  if (headers.expect !== undefined) return 'none'
  if (headers['x-request-id'] !== undefined || headers.traceparent !== undefined) return 'none'
  if (method === 'GET') return !hasBody(request) && url.length > 8 ? 'empty' : 'none'
  if (method !== 'POST') return 'none'
  const length = Number(headers['content-length'])
  return length > 0 && length <= longest ? length : 'none'
}
