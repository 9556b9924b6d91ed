import type { GatewayLogger } from '../logger.js'
import type { AuthenticationSettings } from './authenticate.js'
import type { Roles } from './roles.js'

/** Roles by which nobody is held look as if they held: whoever wrote them should learn it from the log. */
export function warnOfIdleRoles(
  roles: Roles,
  { verifiers, anonymous }: AuthenticationSettings,
  logger: Pick<GatewayLogger, 'warn'>,
): void {
  const written = roles.all().filter((role) => role !== roles.unrestricted)
  if (written.length === 0 || verifiers.length > 0 || anonymous) return
  logger.warn(
    'ROLES HOLD FOR NOBODY: nobody is asked who they are, so everyone reads everything, and as a role only whoever sends x-goldgate-role. ' +
      'Set keys, jwt or anonymous in gateway.authentication.',
    { roles: written.map(({ name }) => name) },
  )
}
