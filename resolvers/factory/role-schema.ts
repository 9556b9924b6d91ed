import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils'
import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
} from 'graphql'
import type { GoldModel } from '../../models/types.js'
import type { Role } from '../access/role.js'
import { fieldOf, groupsFieldOf, orderValueOf, rowsFieldOf, typeNameOf } from '../naming/fields.js'
import { relationsOf } from '../relations/relations.js'
import { descriptionsFor } from './role-descriptions.js'

/**
 * The schema that callers of a role are asked by: what the role does not see is not in it, neither to be selected nor to be named in a condition, an
 * order or by a mistake's "did you mean". Fields of the root that are of no model read all rows: only a role that sees everything has them.
 */
export function roleSchema(schema: GraphQLSchema, role: Role, models: readonly GoldModel[]): GraphQLSchema {
  if (role.whole) return schema
  const modelOf = modelOfType(models)
  const seen = (model: GoldModel | undefined): boolean => model === undefined || role.views.has(model.name)
  const rootFields = new Map(
    [...role.views.values()].flatMap(({ model }) => [
      [rowsFieldOf(model), model],
      [groupsFieldOf(model), model],
    ]),
  )
  const descriptionFor = descriptionsFor(role, models)
  const hidden = hiddenNames(role, models)
  const keep = (typeName: string, name: string, result?: GraphQLOutputType): undefined | null => {
    const model = modelOf(typeName)
    const concealed = model !== undefined && hidden.get(model.name)?.has(name)
    return concealed || !seen(model) || (result && !seen(modelOf(getNamedType(result).name))) ? null : undefined
  }
  const described = <T extends Described>(typeName: string, config: T, root?: string): T => ({
    ...config,
    description: descriptionFor(root === undefined ? modelOf(typeName) : rootFields.get(root), config.description),
  })
  const filtered = mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) => new GraphQLObjectType(described(type.name, type.toConfig())),
    [MapperKind.INPUT_OBJECT_TYPE]: (type) => new GraphQLInputObjectType(described(type.name, type.toConfig())),
    [MapperKind.ENUM_TYPE]: (type) => new GraphQLEnumType(described(type.name, type.toConfig())),
    [MapperKind.ROOT_FIELD]: (config, name, typeName) =>
      rootFields.has(name) ? described(typeName, config, name) : null,
    [MapperKind.COMPOSITE_FIELD]: (config, name, typeName) =>
      keep(typeName, name, config.type) === null ? null : described(typeName, config),
    [MapperKind.INPUT_OBJECT_FIELD]: (config, name, typeName) =>
      keep(typeName, name) === null ? null : described(typeName, config),
    [MapperKind.ENUM_VALUE]: (config, typeName, __, name) =>
      keep(typeName, String(name)) === null ? null : described(typeName, config),
    [MapperKind.ARGUMENT]: (config, field, typeName) =>
      described(typeName, config, rootFields.has(field) ? field : undefined),
  })
  return pruneSchema(filtered)
}

interface Described {
  readonly description?: string | null | undefined
}

/** What hidden columns are called in the types of each model: as fields, as values of an order, and the relations that are told by them. */
function hiddenNames(role: Role, models: readonly GoldModel[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    role.models.map((seen) => {
      const { model, hidden } = role.views.get(seen.name) ?? { model: seen, hidden: new Set() }
      const columns = model.columns.filter(({ name }) => hidden.has(name))
      const relations = new Set(relationsOf(model, models).map(({ field }) => field))
      for (const { field } of relationsOf(seen, role.models)) relations.delete(field)
      return [model.name, new Set([...columns.flatMap((each) => [fieldOf(each), orderValueOf(each)]), ...relations])]
    }),
  )
}

/** Every type of a model begins with its name; where those of two models do, it is of the one with the longer name. */
function modelOfType(models: readonly GoldModel[]): (typeName: string) => GoldModel | undefined {
  const byLength = [...models].sort((a, b) => typeNameOf(b).length - typeNameOf(a).length)
  return (typeName) => byLength.find((model) => typeName.startsWith(typeNameOf(model)))
}
