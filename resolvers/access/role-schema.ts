import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils'
import { type GraphQLOutputType, type GraphQLSchema, getNamedType } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import { fieldOf, groupsFieldOf, orderValueOf, rowsFieldOf, typeNameOf } from '../naming/fields.js'
import type { Role } from './role.js'

/**
 * The schema that callers of a role are asked by: what the role does not see is not in it, neither to be selected nor to be named in a condition, an
 * order or by a mistake's "did you mean". Fields of the root that are of no model read all rows: only a role that sees everything has them.
 */
export function roleSchema(schema: GraphQLSchema, role: Role, models: readonly GoldModel[]): GraphQLSchema {
  if (role.whole) return schema
  const modelOf = modelOfType(models)
  const seen = (model: GoldModel | undefined): boolean => model === undefined || role.views.has(model.name)
  const rootFields = new Set(
    [...role.views.values()].flatMap(({ model }) => [rowsFieldOf(model), groupsFieldOf(model)]),
  )
  const hidden = hiddenNames(role)
  const keep = (typeName: string, name: string, result?: GraphQLOutputType): undefined | null => {
    const model = modelOf(typeName)
    const concealed = model !== undefined && hidden.get(model.name)?.has(name)
    return concealed || !seen(model) || (result && !seen(modelOf(getNamedType(result).name))) ? null : undefined
  }
  const filtered = mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (_, name) => (rootFields.has(name) ? undefined : null),
    [MapperKind.COMPOSITE_FIELD]: (config, name, typeName) => keep(typeName, name, config.type),
    [MapperKind.INPUT_OBJECT_FIELD]: (_, name, typeName) => keep(typeName, name),
    [MapperKind.ENUM_VALUE]: (_, typeName, __, name) => keep(typeName, String(name)),
  })
  return pruneSchema(filtered)
}

/** What hidden columns are called in the types of each model: as fields, as values of an order, and the relations that are told by them. */
function hiddenNames(role: Role): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map([...role.views.keys()].map((name) => [name, new Set<string>()]))
  for (const { model, hidden } of role.views.values()) {
    const columns = model.columns.filter(({ name }) => hidden.has(name))
    const own = names.get(model.name)
    for (const column of columns) own?.add(fieldOf(column)).add(orderValueOf(column))
    for (const { columns: keys, field } of model.totals ?? []) {
      if (keys.some((key) => hidden.has(key))) own?.add(fieldOf(field))
    }
    for (const { columns: keys, field, back, model: other } of model.references ?? []) {
      if (!keys.some((key) => hidden.has(key))) continue
      own?.add(fieldOf(field))
      if (back) names.get(other)?.add(fieldOf(back.field))
    }
  }
  return names
}

/** Every type of a model begins with its name; where those of two models do, it is of the one with the longer name. */
function modelOfType(models: readonly GoldModel[]): (typeName: string) => GoldModel | undefined {
  const byLength = [...models].sort((a, b) => typeNameOf(b).length - typeNameOf(a).length)
  return (typeName) => byLength.find((model) => typeName.startsWith(typeNameOf(model)))
}
