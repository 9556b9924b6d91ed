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
    /** The same by the clock, for when no such moment is known. */
    askedMs: number
    /** Throws where his key was revoked since he was asked: a body or an answer may take its time. */
    askAgain(): Promise<void>
  }
  interface FastifyContextConfig {
    /** Nobody is asked who they are: health. */
    readonly open?: boolean
  }
}

/** Where no revocation is heard of, callers are asked again this late. */
const believedUnheardMs = 1_000

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
  app.decorateRequest('askedMs', 0)
  app.addHook('onRequest', (request, _, done) => {
    if (request.is404 || request.routeOptions.config.open) return done()
    request.askedAt = callers.moment()
    request.askedMs = Date.now()
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
  app.decorateRequest('askAgain', async function (this: FastifyRequest) {
    if (!this.caller?.revocable) return
    const moment = callers.moment()
    if (moment === undefined ? Date.now() - this.askedMs < believedUnheardMs : moment === this.askedAt) return
    this.caller = await authenticate(this)
    this.askedAt = moment
    this.askedMs = Date.now()
  })
  app.addHook('preHandler', async (request) => {
    if (request.body) await request.askAgain()
  })
}

/** Whoever sent a request to a route that is not open. */
export function callerOf({ caller, url }: FastifyRequest): Caller {
  if (!caller) throw new Error(`Nobody was asked who he is at ${url}`)
  return caller
}
