import { type FastifyInstance, fastify } from 'fastify'
import { specifiedRules } from 'graphql'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import {
  type Access,
  createSchema,
  defaultLimits,
  type GatewayServices,
  GoldgateError,
  type Limits,
  limitsRule,
  operationKindRule,
  RequestContext,
  type RoleDefinition,
  StatementCache,
} from '../../resolvers/index.js'
import type { BuildCatalog } from '../../warehouses/contract/builds.js'
import type { ParityCatalog } from '../../warehouses/contract/parity.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import type { Tracing } from '../tracing/tracing.js'
import { Apollos } from './apollos.js'
import { type AuthenticationSettings, authenticator } from './callers/authenticate.js'
import type { Caller } from './callers/caller.js'
import { RateLimit } from './callers/rate-limit.js'
import { Roles } from './callers/roles.js'
import { checkRequest } from './check-request.js'
import { drainPlugin } from './drain.js'
import { type Readiness, registerHealth } from './health.js'
import { registerHome } from './home.js'
import { errorBody, registerHttpErrors } from './http-errors.js'
import { parseJsonBodies } from './json-body.js'
import type { GatewayLogger } from './logger.js'
import { hostOf, isLoopback } from './loopback.js'
import { registerDocumentation } from './operations/documentation.js'
import { loadOperations } from './operations/load.js'
import { registerOperations } from './operations/routes.js'
import { registerPlayground } from './playground/routes.js'
import { protocolErrors } from './protocol-errors.js'
import { createAnswerer } from './questions/answerer.js'
import { createFastLane } from './questions/fast-lane.js'
import { PersistedQueries } from './questions/persisted-queries.js'
import { requestOf } from './request.js'
import { checkStored, storedDocuments } from './safelist.js'
import { schemasOf } from './schemas.js'
import type { Metrics } from './telemetry/metrics.js'
import { ObservedWarehouse } from './telemetry/observed-warehouse.js'
import { observeRequests, requestIdOf } from './telemetry/requests.js'

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
  /** The playground, and Apollo Sandbox at GET /graphql. */
  readonly landingPage: boolean
  readonly logger: GatewayLogger
  /** Only stored operations are answered. */
  readonly safelist?: boolean
  /** Besides the built-in `unrestricted`. */
  readonly roles?: readonly RoleDefinition[]
  /** How callers prove who they are. Left out: everyone reads everything. */
  readonly authentication?: AuthenticationSettings
  readonly readiness?: Readiness
  /** Values of `Host` besides the loopback names, for a proxy on this machine. */
  readonly allowedHosts?: readonly string[]
  readonly models?: readonly GoldModel[]
  /** Memory for answers and rows of statements, which never expire: a build never changes. Left out, or 0 megabytes: none is kept. */
  readonly cache?: { readonly megabytes: number }
  /** Of the package, and the name of the profile: for GET / and the OpenAPI document. */
  readonly version?: string
  readonly environment?: string
  /** Folders with stored operations, each file a REST endpoint. Left out: there are none. */
  readonly operations?: readonly string[]
  /** Figures for Prometheus at GET /metrics; whoever may ask questions may read them. Left out: none. */
  readonly metrics?: boolean
  readonly tracing?: Tracing | undefined
  /** Questions and statements that take longer are logged, without their values. 0 or left out: none is. */
  readonly slowQuestionMs?: number
  /** False: every request to /graphql goes through Apollo Server. */
  readonly fastLane?: boolean
}

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

export interface Gateway {
  /** For `inject`, and for whoever listens. */
  readonly app: FastifyInstance
  /** Answers what has begun, refuses what has not, and ends. */
  close(): Promise<void>
}

/** The whole gateway but for listening, started. */
export async function createGateway(settings: GatewaySettings): Promise<Gateway> {
  const limits = { ...defaultLimits, ...settings.limits }
  const { tracing, logger, slowQuestionMs: slowMs = 0 } = settings
  const metrics = settings.metrics === true ? await openMetrics(settings) : undefined
  const observers = { meter: metrics, tracing, logger, slowMs }
  const observed = new Map(
    [...settings.warehouses].map(([name, warehouse]) => [name, new ObservedWarehouse(warehouse, observers)]),
  )
  // Half for rows of statements, half for whole answers.
  const cacheBytes = (settings.cache?.megabytes ?? 0) * 2 ** 19
  const statements = cacheBytes > 0 ? new StatementCache(cacheBytes, (hit) => metrics?.cached('rows', hit)) : undefined
  const models = settings.models ?? goldModels
  const services: GatewayServices = { ...settings, models, warehouses: observed, limits, statements }
  const app = fastify({
    ...{ bodyLimit: limits.bodyBytes, requestTimeout: 60_000, logger: false, ...protocolErrors },
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
  })
  observeRequests(app, observers)
  registerHttpErrors(app, limits.bodyBytes, settings.logger)
  parseJsonBodies(app)
  refuseForeignHosts(app, settings.allowedHosts ?? [])
  registerHealth(app, services, settings.readiness)

  const roles = new Roles(settings.roles ?? [], models, limits)
  // The first hook of all: a request counts as open from its beginning.
  const drain = drainPlugin(app)
  const authenticate = authenticator(settings.authentication ?? { verifiers: [] }, roles)
  const rates = new RateLimit()
  app.decorateRequest('caller', null)
  // Before a body is read: a stranger's is not worth it.
  app.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.open) return
    request.caller = await authenticate(request)
    rates.check(request.caller, request.ip)
  })
  const schema = createSchema(models)
  const schemaOf = schemasOf(schema, models, roles)
  const answerer = createAnswerer({ ...settings, services, schemaOf, answerBytes: cacheBytes, meter: metrics })
  const operations = await loadOperations(settings.operations ?? [], schema, [
    ...specifiedRules,
    limitsRule(limits),
    operationKindRule,
  ])
  const { version = 'unknown', environment = 'unknown', landingPage } = settings
  registerHome(app, { version, environment, landingPage })
  const warehouses = [...settings.warehouses.keys()]
  const { defaultWarehouse } = settings
  const operationsOf = (access: Access) =>
    [...operations.values()].filter(({ document }) => 'prepared' in answerer.prepare(document.text, access))
  registerDocumentation(app, { version, operationsOf, warehouses, defaultWarehouse })
  registerOperations(app, { services, answerer, operations, operationsOf, logger: settings.logger })
  const stored = settings.safelist ? storedDocuments([...operations.values()].map(({ source }) => source)) : undefined
  const persistedQueries = new PersistedQueries(stored)
  const fastLane = settings.fastLane === false ? undefined : createFastLane(answerer, persistedQueries)
  app.addHook('preHandler', async (request, reply) => {
    const { url } = request.routeOptions
    if (stored && (url === '/graphql' || url === '/export')) checkStored(request, stored)
    if (url !== '/graphql') return
    checkRequest(request, request.caller?.access.limits ?? limits)
    // A hook that returns the reply has answered.
    return fastLane?.(request, reply)
  })

  const apollos = await Apollos.start(
    { ...settings, persistedQueries, plugins: [drain] },
    roles,
    schemaOf,
    async (request, reply) => new RequestContext(services, requestOf(request, reply)),
  )
  if (metrics) {
    app.get('/metrics', async ({ caller }, reply) => {
      // They tell of everybody's questions.
      if (!caller || !roles.get(caller.access.role)?.whole)
        throw new GoldgateError('FORBIDDEN', 'Metrics are for roles that see everything.')
      return reply.header('content-type', metrics.contentType).send(await metrics.text())
    })
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    config: { questions: true },
    handler(request, reply) {
      return apollos.of(request).call(this, request, reply)
    },
  })
  if (landingPage) {
    registerPlayground(app, {
      ...{ warehouses, defaultWarehouse },
      examplesOf: (access) =>
        operationsOf(access)
          .filter(({ parameters }) => parameters.every(({ required }) => !required))
          .map(({ path, source }) => ({ name: path, query: source })),
    })
  }
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= apollos.stop()
    return closed
  }
  return { app, close }
}

/** Its library is loaded by those who want figures. */
async function openMetrics({ catalog, warehouses }: GatewaySettings): Promise<Metrics> {
  const { Metrics } = await import('./telemetry/metrics.js')
  return new Metrics(catalog, warehouses)
}

/** A page in a browser can point its own name at 127.0.0.1 and read what is served there; the `Host` header gives it away. */
function refuseForeignHosts(app: FastifyInstance, allowedHosts: readonly string[]): void {
  // Nearly all requests come by the same name.
  let served: string | undefined
  app.addHook('onRequest', async (request, reply) => {
    const header = request.headers.host
    if (header === undefined || header === served) return
    if (isLoopback(hostOf(header)) || allowedHosts.includes(hostOf(header))) {
      served = header
      return
    }
    const message = `The host ${JSON.stringify(header.slice(0, 100))} is not served here. Use localhost, or add it to the allowed hosts.`
    return reply.code(403).send(errorBody('HOST_NOT_ALLOWED', message))
  })
}
