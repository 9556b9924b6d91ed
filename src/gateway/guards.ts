import type { FastifyInstance } from 'fastify'
import type { BuildCatalog } from '../../warehouses/contract/builds.js'
import { askCallers } from './callers/ask-callers.js'
import { type AuthenticationSettings, authenticator } from './callers/authenticate.js'
import { warnOfIdleRoles } from './callers/idle-roles.js'
import { KnownCallers } from './callers/known-callers.js'
import type { Roles } from './callers/roles.js'
import { allowOrigins, type CorsSettings } from './cors.js'
import { limitConnections } from './crowded-connections.js'
import type { Exchanges } from './exchanges.js'
import { refuseForeignHosts } from './foreign-hosts.js'
import type { GatewayLogger } from './logger.js'
import { checkStored, type StoredDocuments } from './safelist.js'

export interface GuardSettings {
  readonly allowedHosts?: readonly string[]
  readonly cors?: CorsSettings
  readonly authentication?: AuthenticationSettings
  readonly logger: Pick<GatewayLogger, 'warn'>
  readonly roles: Roles
  readonly catalog: BuildCatalog
  readonly exchanges: Exchanges
  /** Milliseconds after which a connection is closed that takes nothing of its answers. */
  readonly stallMs: number
  /** With them, no other document is answered. */
  readonly stored: StoredDocuments | undefined
}

/** What a request has to pass before anything answers it, in this order. */
export function registerGuards(app: FastifyInstance, settings: GuardSettings): void {
  const { allowedHosts = [], cors, authentication = { verifiers: [] }, roles, stored, logger } = settings
  limitConnections(app, settings.exchanges, settings.stallMs)
  refuseForeignHosts(app, allowedHosts)
  if (cors) allowOrigins(app, cors)
  warnOfIdleRoles(roles, authentication, logger)
  askCallers(app, authenticator(authentication, roles, logger), new KnownCallers(settings.catalog))
  if (!stored) return
  // What looks at more of a request than its head is not passed by one whose head is known: `answering.ts` knows no heads then.
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.questions) checkStored(request, stored)
  })
}
