import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import { comparisonInput, groupTypes, registerGroupEnums } from './group-types.js'
import { groupsResolvers } from './groups-resolver.js'
import { modelTypes } from './model-types.js'
import { parityResolvers } from './parity-resolver.js'
import { rowsResolver } from './rows-resolver.js'
import { SharedTypes } from './shared-types.js'

/** The GraphQL schema of these models; its resolvers take a `RequestContext` as their context. */
export function createSchema(models: readonly GoldModel[]): GraphQLSchema {
  const shared = new SharedTypes()
  registerGroupEnums()
  const compareTo = comparisonInput()
  const [first, ...more] = models.flatMap((model) => {
    const types = modelTypes(model, shared)
    return [rowsResolver(model, types), ...groupsResolvers(model, types, groupTypes(model, shared), compareTo)]
  })
  if (!first) throw new Error('A schema needs at least one model')
  // Values are parsed by the scalars and readers here; class-validator would need decorators of its own.
  return buildSchemaSync({ resolvers: [first, ...more, ...parityResolvers(models)], validate: false })
}
