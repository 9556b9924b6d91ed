import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { RequestContext } from '../../resolvers/index.js'
import { type ApolloSettings, createApollo } from './apollo.js'
import { callerOf } from './callers/ask-callers.js'
import type { Roles } from './callers/roles.js'
import type { SchemaOf } from './schemas.js'

type Context = (request: FastifyRequest, reply: FastifyReply) => Promise<RequestContext>

/** One Apollo Server for each role, since it knows one schema: what a role does not see is in none of its introspection, suggestions and errors. */
export class Apollos {
  private constructor(
    private readonly servers: readonly ApolloServer<RequestContext>[],
    private readonly handlers: ReadonlyMap<string, RouteHandlerMethod>,
  ) {}

  static async start(
    settings: Omit<ApolloSettings, 'schema' | 'models' | 'limits'>,
    roles: Roles,
    schemaOf: SchemaOf,
    context: Context,
  ): Promise<Apollos> {
    const made = roles.all().map((role, i) => {
      const own = { schema: schemaOf({ role: role.name }), models: role.models, limits: role.limits }
      // Plugins are of the gateway as a whole: the first one has them.
      return {
        role: role.name,
        apollo: createApollo({ ...settings, ...own, plugins: i === 0 ? settings.plugins : [] }),
      }
    })
    for (const { apollo } of made) await apollo.start()
    // Its own type is of a route whose replies are text.
    const handlers = made.map(
      ({ role, apollo }) => [role, fastifyApolloHandler(apollo, { context }) as RouteHandlerMethod] as const,
    )
    return new Apollos(
      made.map(({ apollo }) => apollo),
      new Map(handlers),
    )
  }

  /** What answers GraphQL of a caller. */
  of(request: FastifyRequest): RouteHandlerMethod {
    const { role } = callerOf(request).access
    const handler = this.handlers.get(role)
    if (!handler) throw new Error(`There is no Apollo Server of the role ${role}`)
    return handler
  }

  /** The first one drains what all of them answer. */
  async stop(): Promise<void> {
    for (const apollo of this.servers) await apollo.stop()
  }
}
