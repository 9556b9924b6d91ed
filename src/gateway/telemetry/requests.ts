import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Span, Tracing } from '../../tracing/tracing.js'
import type { Caller } from '../callers/caller.js'
import type { GatewayLogger } from '../logger.js'
import type { Meter } from './meter.js'

/** Ids as tools write them; anything else could break a log's line or a header. */
const SANE = /^[\w.:/+=@-]{1,128}$/

/** What the client or a proxy called the request, else a new name. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && SANE.test(header) ? header : randomUUID()
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the stored operation that answers; null: none. Whoever serves it sets it, for logs and metrics. */
    operation: string | null
    /** Of its connection, before it was answered. */
    bytesBefore: number
    /** Null where nothing is traced. */
    span: Span | null
  }
  interface FastifyContextConfig {
    /** The route takes questions: one that takes long is logged. */
    readonly questions?: boolean
  }
}

export interface RequestObservers {
  readonly logger: GatewayLogger
  readonly meter: Meter | undefined
  readonly tracing: Tracing | undefined
  /** A question that takes longer is logged; 0: none is. */
  readonly slowMs: number
}

/** What is known of a request when it is answered, whoever answers it. */
export interface AskedRequest {
  readonly route: string
  readonly operation: string | null
  /** The route takes questions, or an operation was asked. */
  readonly asks: boolean
  readonly caller: Caller | null
}

export const askedOf = (request: FastifyRequest): AskedRequest => ({
  route: routeOf(request),
  operation: request.operation,
  asks: request.operation !== null || request.routeOptions.config.questions === true,
  caller: request.caller,
})

/** Observes requests that are answered before Fastify sees them. */
export interface RequestObserver {
  /** Begins before the answer is written; what comes back ends it. `cached`: the answer is one from the cache. */
  begin(
    request: IncomingMessage,
    asked: AskedRequest,
    requestId: string,
    cached?: 'from the cache',
  ): (status: number, ms: number) => void
}

/** Each request has an id, which the answer names, and is logged, counted and traced. The first of the hooks: what is refused by others counts too. */
export function observeRequests(app: FastifyInstance, observers: RequestObservers): RequestObserver {
  app.decorateRequest('operation', null)
  app.decorateRequest('bytesBefore', 0)
  app.decorateRequest('span', null)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (observers.meter) request.bytesBefore = request.raw.socket.bytesWritten
    const span = spanOf(observers, request, routeOf(request), request.id)
    if (!span) return done()
    request.span = span
    span.within(done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { elapsedTime: ms, statusCode: status } = reply
    const bytes = (request.raw.socket.bytesWritten ?? 0) - request.bytesBefore
    ended(observers, request, askedOf(request), { requestId: request.id, status, ms, bytes }, request.span)
    done()
  })
  return {
    begin(request, asked, requestId, cached) {
      const { socket } = request
      const before = observers.meter ? socket.bytesWritten : 0
      const span = spanOf(observers, request, asked.route, requestId)
      return (status, ms) => {
        const bytes = observers.meter ? socket.bytesWritten - before : 0
        ended(observers, request, asked, { requestId, status, ms, bytes }, span)
        if (cached) observers.meter?.cached('body', true)
      }
    },
  }
}

/** Of who asks, and of what is too large: as slow as the client that sends it. */
const refusals: ReadonlySet<number> = new Set([401, 403, 413, 429])

interface Seen {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
}

interface Ended {
  readonly requestId: string
  readonly status: number
  readonly ms: number
  readonly bytes: number
}

function spanOf({ tracing }: RequestObservers, seen: Seen, route: string, requestId: string): Span | undefined {
  if (!tracing) return undefined
  const { method = '', headers } = seen
  const traceparent = headers.traceparent
  return tracing.request(`${method} ${route}`, typeof traceparent === 'string' ? traceparent : undefined, {
    ...{ 'http.request.method': method, 'http.route': route, 'goldgate.request_id': requestId },
  })
}

function ended(
  { meter, logger, slowMs }: RequestObservers,
  seen: Seen,
  asked: AskedRequest,
  { requestId, status, ms, bytes }: Ended,
  span: Span | null | undefined,
): void {
  const operation = asked.operation ?? 'other'
  meter?.answered({ route: asked.route, operation, status, seconds: ms / 1000, bytes: Math.max(0, bytes || 0) })
  span?.end(
    { 'http.response.status_code': status, 'goldgate.operation': operation },
    status >= 500 ? `HTTP ${status}` : undefined,
  )
  const line = () => ({
    ...{ requestId, method: seen.method, path: seen.url?.split('?')[0], status, ms: Math.round(ms) },
    ...(asked.operation === null ? {} : { operation: asked.operation }),
    ...(asked.caller ? { caller: asked.caller.name, role: asked.caller.access.role } : {}),
  })
  logger.debug?.('request', line())
  if (asked.asks && !refusals.has(status) && slowMs > 0 && ms >= slowMs) logger.warn('slow question', line())
}

const routeOf = ({ is404, routeOptions }: FastifyRequest): string => (is404 ? 'none' : (routeOptions.url ?? 'none'))
