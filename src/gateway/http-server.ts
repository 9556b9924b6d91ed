import { type FastifyInstance, fastify } from 'fastify'
import { trustedBy } from './callers/addresses.js'
import { discardBodiesOfReads } from './discard-body.js'
import { Exchanges } from './exchanges.js'
import { askForExpectedBodies } from './expected-bodies.js'
import { registerHttpErrors } from './http-errors.js'
import { parseJsonBodies } from './json-body.js'
import type { GatewayLogger } from './logger.js'
import { protocolErrors } from './protocol-errors.js'
import { requestIdOf } from './telemetry/requests.js'

/** HTTP without a route yet: what is no HTTP, no JSON or too large is answered in the form of all errors. */
export function createHttpServer(
  bodyBytes: number,
  { logger, trustedProxies = [] }: { readonly logger: GatewayLogger; readonly trustedProxies?: readonly string[] },
) {
  const app: FastifyInstance = fastify({
    ...{
      bodyLimit: bodyBytes,
      requestTimeout: 60_000,
      logger: false,
      ...protocolErrors((socket) => exchanges.answeredOn(socket)),
    },
    requestIdHeader: false,
    trustProxy: trustedProxies.length > 0 && trustedBy(trustedProxies),
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
  })
  const exchanges: Exchanges = new Exchanges(app)
  registerHttpErrors(app, bodyBytes, logger)
  askForExpectedBodies(app, bodyBytes)
  discardBodiesOfReads(app, bodyBytes)
  parseJsonBodies(app)
  return { app, exchanges }
}
