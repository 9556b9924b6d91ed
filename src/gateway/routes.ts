import type { FastifyInstance } from 'fastify'
import type { Answering } from './answering.js'
import { callerOf } from './callers/ask-callers.js'
import type { Roles } from './callers/roles.js'
import { checkRequest } from './check-request.js'
import { registerHealth } from './health.js'
import { registerHome } from './home.js'
import { registerDocumentation } from './operations/documentation.js'
import type { ExportPlaces } from './operations/export-places.js'
import { registerOperations } from './operations/routes.js'
import { registerPlayground } from './playground/routes.js'
import type { GatewaySettings } from './settings.js'
import type { Metrics } from './telemetry/metrics.js'
import { registerMetrics } from './telemetry/routes.js'

export interface RouteParts extends Answering {
  readonly roles: Roles
  readonly metrics: Metrics | undefined
  readonly places: ExportPlaces
}

/** Every path that the gateway serves. */
export function registerRoutes(app: FastifyInstance, settings: GatewaySettings, parts: RouteParts): void {
  const { version = 'unknown', environment = 'unknown', landingPage, defaultWarehouse } = settings
  const { services, operationsOf, metrics, roles } = parts
  const warehouses = [...settings.warehouses.keys()]
  registerHealth(app, services, settings.readiness)
  registerHome(app, { version, environment, landingPage })
  registerGraphql(app, parts)
  registerDocumentation(app, {
    ...{ version, operationsOf, warehouses, defaultWarehouse },
    authentication: settings.authentication,
  })
  registerOperations(app, { ...parts, meter: metrics, logger: settings.logger })
  if (metrics) registerMetrics(app, metrics, roles)
  if (landingPage) registerPlayground(app, { operationsOf, warehouses, defaultWarehouse })
}

/** /graphql: the fast lane answers what it can, Apollo Server everything else. */
function registerGraphql(app: FastifyInstance, { fastLane, apollos }: Answering): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    config: { questions: true },
    exposeHeadRoute: false,
    handler(request, reply) {
      const answered = fastLane?.(request, reply)
      if (answered) return answered
      checkRequest(request, callerOf(request).access.limits)
      return apollos.of(request).call(this, request, reply)
    },
  })
}
