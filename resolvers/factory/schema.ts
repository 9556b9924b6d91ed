import { type GraphQLSchema, isObjectType } from 'graphql'
import { buildSchemaSync } from 'type-graphql'
import { checkModels } from '../../models/check-model.js'
import type { GoldModel } from '../../models/types.js'
import { fieldColumns, relationsOf } from '../relations/relations.js'
import { factsOf } from './field-facts.js'
import { comparisonInput, groupTypes, registerGroupEnums } from './group-types.js'
import { groupsResolvers } from './groups-resolver.js'
import { modelTypes } from './model-types.js'
import { parityResolvers } from './parity-resolver.js'
import { type RelatedTypes, relationsResolver } from './relations-resolver.js'
import { rowsResolver } from './rows-resolver.js'
import { SharedTypes } from './shared-types.js'

/** By the list of models: type-graphql keeps for good whatever it was told of classes, and looks through all of it for each schema. */
const known = new WeakMap<readonly GoldModel[], GraphQLSchema>()

/** The GraphQL schema of these models, the same one for the same list; its resolvers take a `RequestContext` as their context. Throws MODEL_INVALID. */
export function createSchema(models: readonly GoldModel[]): GraphQLSchema {
  const schema = known.get(models) ?? makeSchema(models)
  known.set(models, schema)
  return schema
}

function makeSchema(models: readonly GoldModel[]): GraphQLSchema {
  checkModels(models)
  const shared = new SharedTypes()
  registerGroupEnums()
  const compareTo = comparisonInput()
  const types = new Map<string, RelatedTypes>(
    models.map((model) => [
      model.name,
      {
        rows: modelTypes(model, shared),
        groups: groupTypes(model, shared),
        fields: fieldColumns(model, relationsOf(model, models)),
      },
    ]),
  )
  const typesOf = ({ name }: GoldModel): RelatedTypes => {
    const found = types.get(name)
    if (!found) throw new Error(`${name} is not among the models of this schema`)
    return found
  }
  const [first, ...more] = models.flatMap((model) => {
    const { rows, groups, fields } = typesOf(model)
    return [
      rowsResolver(model, rows, fields),
      relationsResolver(model, relationsOf(model, models), typesOf),
      ...groupsResolvers(model, rows, groups, compareTo),
    ]
  })
  if (!first) throw new Error('A schema needs at least one model')
  // Values are parsed by the scalars and readers here; class-validator would need decorators of its own.
  return resolvedDirectly(buildSchemaSync({ resolvers: [first, ...more, ...parityResolvers(models)], validate: false }))
}

/** The same schema, in which fields with a resolver among their facts are answered by it. */
function resolvedDirectly(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = factsOf(field)
      if (resolve) field.resolve = resolve
    }
  }
  return schema
}
