import type { FastifyInstance } from 'fastify'
import { GoldgateError } from '../../../resolvers/index.js'
import { callerOf } from '../callers/ask-callers.js'
import type { Roles } from '../callers/roles.js'
import type { Metrics } from './metrics.js'

/** GET /metrics, for Prometheus. */
export function registerMetrics(app: FastifyInstance, metrics: Metrics, roles: Roles): void {
  app.get('/metrics', async (request, reply) => {
    // They tell of everybody's questions.
    if (!roles.get(callerOf(request).access.role)?.whole)
      throw new GoldgateError('FORBIDDEN', 'Metrics are for roles that see everything.')
    return reply.header('content-type', metrics.contentType).send(await metrics.text())
  })
}
