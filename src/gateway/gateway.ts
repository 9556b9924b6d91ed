import type { RequestListener } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { goldModels } from '../../models/gold/index.js'
import { defaultLimits } from '../../resolvers/index.js'
import { openAnswering } from './answering.js'
import { Roles } from './callers/roles.js'
import { drainPlugin } from './drain.js'
import { frontListener, standInFront } from './front/listener.js'
import { registerGuards } from './guards.js'
import { createHttpServer } from './http-server.js'
import { ExportPlaces } from './operations/export-places.js'
import { registerRoutes } from './routes.js'
import type { GatewaySettings } from './settings.js'
import { observe } from './telemetry/observe.js'

export interface Gateway {
  /** For `inject`, and for whoever listens. */
  readonly app: FastifyInstance
  /** Answers one request, once `app` is ready. */
  readonly handle: RequestListener
  /** Answers what has begun, refuses what has not, and ends. */
  close(): Promise<void>
}

/** The whole gateway but for listening, started: what observes, what answers, what guards, and what routes. */
export async function buildGateway(settings: GatewaySettings): Promise<Gateway> {
  const models = settings.models ?? goldModels
  const limits = { ...defaultLimits, ...settings.limits }
  const roles = new Roles(settings.roles ?? [], models, limits)
  const { app, exchanges } = createHttpServer(limits.bodyBytes, settings)
  const observed = await observe(app, settings)
  const drain = drainPlugin(app, exchanges)
  const answering = await openAnswering(settings, { models, limits, roles, observed, drain })
  registerGuards(app, { ...settings, roles, stored: answering.stored, exchanges, stallMs: limits.exportStallMs })
  const { metrics } = observed
  const places = new ExportPlaces((warehouse) => metrics?.exported({ warehouse, outcome: 'refused' }))
  metrics?.showPlaces(() => places.states())
  registerRoutes(app, settings, { ...answering, roles, metrics, places })
  const { answerer, front } = answering
  const listener = frontListener(
    { front, answerer, exchanges, observer: observed.requests, logger: settings.logger },
    limits.bodyBytes,
  )
  standInFront(app.server, listener)
  let closed: Promise<void> | undefined
  const close = () => {
    listener.close()
    closed ??= answering.close()
    return closed
  }
  const handle: RequestListener = (request, response) => listener.handle(request, response, app.routing)
  return { app, handle, close }
}
