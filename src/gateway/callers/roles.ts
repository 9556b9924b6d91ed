import type { GoldModel } from '../../../models/types.js'
import { type Limits, Role, type RoleDefinition } from '../../../resolvers/index.js'

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
