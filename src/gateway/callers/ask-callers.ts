import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticate, Caller } from './caller.js'
import { RateLimit } from './rate-limit.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Nobody is asked who they are: health. */
    readonly open?: boolean
  }
}

/** Whoever comes to a route that is not open is asked who he is, before a body is read: a stranger's is not worth it. */
export function askCallers(app: FastifyInstance, authenticate: Authenticate): void {
  const rates = new RateLimit()
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.open) return
    request.caller = await authenticate(request)
    rates.check(request.caller, request.ip)
  })
}

/** Whoever sent a request to a route that is not open. */
export function callerOf({ caller, url }: FastifyRequest): Caller {
  if (!caller) throw new Error(`Nobody was asked who he is at ${url}`)
  return caller
}
