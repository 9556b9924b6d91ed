import type { FastifyInstance } from 'fastify'
import { GoldgateError } from '../../resolvers/index.js'
import { hostOf, isLoopback } from '../loopback.js'

/** A page in a browser can point its own name at 127.0.0.1 and read what is served there; the `Host` header gives it away. Load balancers ask for health without one. */
export function refuseForeignHosts(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const allowed = allowedHosts.map((host) => host.toLowerCase())
  // Nearly all requests come by the same name.
  let served: string | undefined
  app.addHook('onRequest', (request, _, done) => {
    const header = request.headers.host
    if (header === undefined) return done(request.is404 || request.routeOptions.config.open ? undefined : nameless())
    if (header === served) return done()
    const host = hostOf(header).toLowerCase()
    if (isLoopback(host) || allowed.includes(host)) {
      served = header
      return done()
    }
    const message = `The host ${JSON.stringify(header.slice(0, 100))} is not served here. Use localhost, or have its name added to gateway.allowedHosts in goldgate.yaml.`
    done(new GoldgateError('HOST_NOT_ALLOWED', message))
  })
}

const nameless = (): GoldgateError =>
  new GoldgateError('BAD_REQUEST', 'The request has no Host header: send one, such as "Host: localhost".')
