import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import { type FastifyInstance, fastify } from 'fastify'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import {
  createSchema,
  defaultLimits,
  type GatewayServices,
  type Limits,
  RequestContext,
  rowsFieldOf,
} from '../../resolvers/index.js'
import type { BuildCatalog } from '../../warehouses/contract/builds.js'
import type { ParityCatalog } from '../../warehouses/contract/parity.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import { createApollo } from './apollo.js'
import { type Authenticate, anyone, type Caller } from './callers/caller.js'
import { checkRequest } from './check-request.js'
import { drainPlugin } from './drain.js'
import { type Readiness, registerHealth } from './health.js'
import { errorBody, registerHttpErrors } from './http-errors.js'
import { parseJsonBodies } from './json-body.js'
import { firstQuery } from './landing-page.js'
import type { GatewayLogger } from './logger.js'
import { hostOf, isLoopback } from './loopback.js'
import { registerPlayground } from './playground/routes.js'
import { protocolErrors } from './protocol-errors.js'
import { createAnswerer } from './questions/answerer.js'
import { createFastLane } from './questions/fast-lane.js'
import { requestOf } from './request.js'

export interface GatewaySettings {
  /** By name. They stay open when the gateway closes: whoever opened them closes them. */
  readonly warehouses: ReadonlyMap<string, Warehouse>
  readonly defaultWarehouse: string
  /** Further names of warehouses, as requests may use them. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Which warehouse answers for one that does not. */
  readonly fallback?: Readonly<Record<string, string>>
  readonly catalog: BuildCatalog
  /** Absent: the field `parity` answers NULL. */
  readonly parity?: ParityCatalog
  /** Those left out are the defaults of `defaultLimits`. */
  readonly limits?: Partial<Limits>
  readonly introspection: boolean
  /** Apollo Sandbox at GET /graphql. */
  readonly landingPage: boolean
  readonly logger: GatewayLogger
  /** Who asks, and what he may read. Left out: everyone reads everything. */
  readonly authenticate?: Authenticate
  readonly readiness?: Readiness
  /** Values of `Host` besides the loopback names, for a proxy on this machine. */
  readonly allowedHosts?: readonly string[]
  readonly models?: readonly GoldModel[]
  /** False: every request to /graphql goes through Apollo Server. */
  readonly fastLane?: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null where nobody is asked, as of health. */
    caller: Caller | null
  }
}

export interface Gateway {
  /** For `inject`, and for whoever listens. */
  readonly app: FastifyInstance
  readonly apollo: ApolloServer<RequestContext>
  /** Answers what has begun, refuses what has not, and ends. */
  close(): Promise<void>
}

/** The whole gateway but for listening, started. */
export async function createGateway(settings: GatewaySettings): Promise<Gateway> {
  const limits = { ...defaultLimits, ...settings.limits }
  const services: GatewayServices = { ...settings, limits }
  const app = fastify({ bodyLimit: limits.bodyBytes, requestTimeout: 60_000, logger: false, ...protocolErrors })
  registerHttpErrors(app, limits.bodyBytes, settings.logger)
  parseJsonBodies(app)
  refuseForeignHosts(app, settings.allowedHosts ?? [])
  app.addHook('onResponse', async ({ method, url }, { statusCode, elapsedTime }) => {
    settings.logger.debug?.('request', {
      method,
      path: url.split('?')[0],
      status: statusCode,
      ms: Math.round(elapsedTime),
    })
  })
  registerHealth(app, services, settings.readiness)

  const models = settings.models ?? goldModels
  const schema = createSchema(models)
  const answerer = createAnswerer({ ...settings, services, schemaOf: () => schema })
  const apollo = createApollo({
    ...settings,
    models,
    schema,
    limits,
    plugins: [drainPlugin(app)],
  })
  await apollo.start()
  const fastLane = settings.fastLane === false ? undefined : createFastLane(answerer)
  const authenticate = settings.authenticate ?? anyone(limits)
  app.decorateRequest('caller', null)
  app.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.url !== '/graphql') return
    request.caller = await authenticate(request)
    checkRequest(request, request.caller.access.limits)
    // A hook that returns the reply has answered.
    return fastLane?.(request, reply)
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => new RequestContext(services, requestOf(request, reply)),
    }),
  })
  if (settings.landingPage) {
    app.get('/', (_, reply) => reply.redirect('/graphql'))
    registerPlayground(app, {
      authenticate,
      warehouses: [...settings.warehouses.keys()],
      defaultWarehouse: settings.defaultWarehouse,
      examples: models.map((model) => ({ name: model.name, title: rowsFieldOf(model), query: firstQuery(model) })),
    })
  }
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= apollo.stop()
    return closed
  }
  return { app, apollo, close }
}

/** A page in a browser can point its own name at 127.0.0.1 and read what is served there; the `Host` header gives it away. */
function refuseForeignHosts(app: FastifyInstance, allowedHosts: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const header = request.headers.host
    if (header === undefined || isLoopback(hostOf(header)) || allowedHosts.includes(hostOf(header))) return
    const message = `The host ${JSON.stringify(header.slice(0, 100))} is not served here. Use localhost, or add it to the allowed hosts.`
    return reply.code(403).send(errorBody('HOST_NOT_ALLOWED', message))
  })
}
