import type { FastifyInstance } from 'fastify'

export interface HomeSettings {
  readonly version: string
  /** The profile in use. */
  readonly environment: string
  /** The playground, and Apollo Sandbox at GET /graphql, to which browsers are sent on. */
  readonly landingPage: boolean
}

/** GET / for programs: what this is, and where everything is, seen from here: the gateway may be mounted below a path. */
export function registerHome(app: FastifyInstance, { version, environment, landingPage }: HomeSettings): void {
  const links = {
    graphql: 'graphql',
    ...(landingPage ? { playground: 'playground' } : {}),
    api: 'api',
    openapi: 'openapi.json',
    export: 'export',
    health: 'health',
    ready: 'health/ready',
  }
  app.get('/', (request, reply) => {
    const browser = request.headers.accept?.includes('text/html') === true
    if (landingPage && browser) return reply.redirect('graphql')
    return reply.send({ name: 'goldgate', version, environment, links })
  })
}
