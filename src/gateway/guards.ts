import type { FastifyInstance } from 'fastify'
import { askCallers } from './callers/ask-callers.js'
import { type AuthenticationSettings, authenticator } from './callers/authenticate.js'
import type { Roles } from './callers/roles.js'
import { refuseForeignHosts } from './foreign-hosts.js'
import { checkStored, type StoredDocuments } from './safelist.js'

export interface GuardSettings {
  readonly allowedHosts?: readonly string[]
  readonly authentication?: AuthenticationSettings
  readonly roles: Roles
  /** With them, no other document is answered. */
  readonly stored: StoredDocuments | undefined
}

/** What a request has to pass before anything answers it, in this order. */
export function registerGuards(app: FastifyInstance, settings: GuardSettings): void {
  const { allowedHosts = [], authentication = { verifiers: [] }, roles, stored } = settings
  refuseForeignHosts(app, allowedHosts)
  askCallers(app, authenticator(authentication, roles))
  if (!stored) return
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.questions) checkStored(request, stored)
  })
}
