import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { type RequestObserver, requestIdOf } from '../telemetry/requests.js'
import type { Replay, Replays } from './replays.js'

/** Of requests that are looked for; longer ones are no question that comes again and again. */
const maxBody = 65_536

export interface ReplayLane {
  /** Answers a request, or leaves it, as it came, to `next`. */
  handle(request: IncomingMessage, response: ServerResponse, next: RequestListener): void
  /** From here on all are left to `next`. */
  close(): void
}

/** In front of everything: a question to /graphql that came before is answered again without being looked at. */
export function replayLane(replays: Replays, observer: RequestObserver): ReplayLane {
  let open = true
  const replayed = (request: IncomingMessage, response: ServerResponse, body: string): boolean => {
    const began = performance.now()
    const replay = replays.take(request, body)
    if (replay) answer(request, response, replay, began)
    return replay !== undefined
  }
  const answer = (request: IncomingMessage, response: ServerResponse, replay: Replay, began: number): void => {
    const id = requestIdOf(undefined)
    const observed = observer.replayed(request, replay.asked, id)
    response.writeHead(200, { ...replay.headers, 'x-request-id': id }).end(replay.whole)
    observed(performance.now() - began)
  }
  return {
    handle(request, response, next) {
      const body = open ? bodyOf(request) : 'none'
      if (body === 'none') return next(request, response)
      if (body === 'empty') return replayed(request, response, '') ? undefined : next(request, response)
      request.once('readable', () => {
        const read: Buffer | null = request.read()
        if (read?.length === body && open && replayed(request, response, read.toString('latin1'))) return
        // Whoever reads it next finds it as it came.
        if (read) request.unshift(read)
        next(request, response)
      })
    },
    close() {
      open = false
    },
  }
}

/** Of the addresses that one name has (`localhost`), all but the first go without: Fastify has a server for each of them, and gives out the first. */
export function standInFront(server: Server, lane: ReplayLane): void {
  const [own, ...more] = server.listeners('request')
  if (!own || more.length > 0) throw new Error('The server has other than one listener.')
  const next = own as RequestListener
  server.off('request', next).on('request', (request, response) => lane.handle(request, response, next))
}

/** Bytes of the body of a question that may come again; `none`: no such question. */
function bodyOf({ method, url = '', headers }: IncomingMessage): number | 'empty' | 'none' {
  if (!/^\/graphql(\?|$)/.test(url)) return 'none'
  // Whoever names his request, or traces it, sends none twice.
  if (headers['x-request-id'] !== undefined || headers.traceparent !== undefined) return 'none'
  if (method === 'GET') return headers['content-length'] === undefined && url.length > 8 ? 'empty' : 'none'
  if (method !== 'POST') return 'none'
  const length = Number(headers['content-length'])
  return length > 0 && length <= maxBody ? length : 'none'
}
