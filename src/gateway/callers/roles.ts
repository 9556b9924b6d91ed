import type { GoldModel } from '../../../models/types.js'
import { type Limits, Role, type RoleDefinition } from '../../../resolvers/index.js'
import type { GatewayLogger } from '../logger.js'
import type { AuthenticationSettings } from './authenticate.js'

/** The roles that callers may have, the built-in one included. */
export class Roles {
  private readonly byName: ReadonlyMap<string, Role>
  readonly unrestricted: Role

  constructor(definitions: readonly RoleDefinition[], models: readonly GoldModel[], limits: Limits) {
    this.unrestricted = new Role({ name: 'unrestricted', rows: {}, hide: [], limits: {} }, models, limits)
    const roles = [this.unrestricted, ...definitions.map((definition) => new Role(definition, models, limits))]
    this.byName = new Map(roles.map((role) => [role.name, role]))
  }

  get(name: string): Role | undefined {
    return this.byName.get(name)
  }

  all(): readonly Role[] {
    return [...this.byName.values()]
  }
}

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
