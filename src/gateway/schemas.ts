import type { GraphQLSchema } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import { type Access, roleSchema } from '../../resolvers/index.js'
import type { Roles } from './callers/roles.js'

/** The schema that a caller is asked by: that of his role. Apollo and the Answerer take it from here. */
export type SchemaOf = (access: Pick<Access, 'role'>) => GraphQLSchema

/** Every role's schema, derived from `whole`, the one of all models, and made once. */
export function schemasOf(whole: GraphQLSchema, models: readonly GoldModel[], roles: Roles): SchemaOf {
  const schemas = new Map(roles.all().map((role) => [role.name, roleSchema(whole, role, models)]))
  return ({ role }) => {
    const schema = schemas.get(role)
    if (!schema) throw new Error(`There is no schema of the role ${role}`)
    return schema
  }
}
