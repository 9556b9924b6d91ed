import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Span, Tracing } from '../../tracing/tracing.js'
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

/** Each request has an id, which the answer names, and is logged, counted and traced. The first of the hooks: what is refused by others counts too. */
export function observeRequests(app: FastifyInstance, { logger, meter, tracing, slowMs }: RequestObservers): void {
  app.decorateRequest('operation', null)
  const spans = new WeakMap<FastifyRequest, Span>()
  const sent = new WeakMap<FastifyRequest, number>()
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (meter) sent.set(request, request.raw.socket.bytesWritten)
    if (!tracing) return done()
    const traceparent = request.headers.traceparent
    const span = tracing.request(
      `${request.method} ${routeOf(request)}`,
      typeof traceparent === 'string' ? traceparent : undefined,
      { 'http.request.method': request.method, 'http.route': routeOf(request), 'goldgate.request_id': request.id },
    )
    spans.set(request, span)
    span.within(done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { elapsedTime: ms, statusCode: status } = reply
    const operation = request.operation ?? 'other'
    const bytes = (request.raw.socket.bytesWritten ?? 0) - (sent.get(request) ?? 0)
    meter?.answered({ route: routeOf(request), operation, status, seconds: ms / 1000, bytes: Math.max(0, bytes || 0) })
    spans
      .get(request)
      ?.end(
        { 'http.response.status_code': status, 'goldgate.operation': operation },
        status >= 500 ? `HTTP ${status}` : undefined,
      )
    logger.debug?.('request', lineOf(request, reply))
    const asks = request.operation !== null || request.routeOptions.config.questions === true
    if (asks && slowMs > 0 && ms >= slowMs) logger.warn('slow question', lineOf(request, reply))
    done()
  })
}

const lineOf = (request: FastifyRequest, { statusCode, elapsedTime }: FastifyReply) => ({
  ...{ requestId: request.id, method: request.method, path: request.url.split('?')[0] },
  ...{ status: statusCode, ms: Math.round(elapsedTime) },
  ...(request.operation === null ? {} : { operation: request.operation }),
  ...(request.caller ? { caller: request.caller.name, role: request.caller.access.role } : {}),
})

const routeOf = ({ is404, routeOptions }: FastifyRequest): string => (is404 ? 'none' : (routeOptions.url ?? 'none'))
