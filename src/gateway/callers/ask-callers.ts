import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticate, Caller } from './caller.js'
import type { KnownCallers } from './known-callers.js'
import { RateLimit } from './rate-limit.js'
import type { Looked } from './while-pointers-stand.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    caller: Caller | null
    /** When he was asked, as `KnownCallers.moment` tells it. */
    askedAt: object | undefined
  }
  interface FastifyContextConfig {
    /** Nobody is asked who they are: health. */
    readonly open?: boolean
  }
}

/** Whoever comes to a route that is not open is asked who he is, before a body is parsed, and before more of one is read than the front looks at: a stranger's is not worth it. */
export function askCallers(app: FastifyInstance, authenticate: Authenticate, callers: KnownCallers): void {
  const rates = new RateLimit()
  const admit = (request: FastifyRequest, caller: Caller): void => {
    request.caller = caller
    rates.check(caller, request)
  }
  const ask = async (request: FastifyRequest, keep: Looked<Caller>['keep']): Promise<void> => {
    const caller = await authenticate(request)
    keep?.(caller, caller)
    admit(request, caller)
  }
  app.decorateRequest('caller', null)
  app.decorateRequest('askedAt', undefined)
  app.addHook('onRequest', (request, _, done) => {
    if (request.is404 || request.routeOptions.config.open) return done()
    request.askedAt = callers.moment()
    const { value: caller, keep } = callers.look(request)
    if (!caller) {
      ask(request, keep).then(() => done(), done)
      return
    }
    try {
      admit(request, caller)
    } catch (error) {
      return done(error as Error)
    }
    done()
  })
  // A body may take its time, and a key may be revoked meanwhile.
  app.addHook('preHandler', async (request) => {
    const { body, caller, askedAt } = request
    if (body && caller && askedAt && askedAt !== callers.moment()) request.caller = await authenticate(request)
  })
}

/** Whoever sent a request to a route that is not open. */
export function callerOf({ caller, url }: FastifyRequest): Caller {
  if (!caller) throw new Error(`Nobody was asked who he is at ${url}`)
  return caller
}
