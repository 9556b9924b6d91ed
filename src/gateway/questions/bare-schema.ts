import { MapperKind, mapSchema } from '@graphql-tools/utils'
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { argumentsReader, type Variables } from './arguments.js'

type Resolve = GraphQLFieldResolver<unknown, unknown>

const known = new WeakMap<GraphQLSchema, GraphQLSchema>()

/**
 * The same schema for an executor that is trusted with neither arguments nor variables: no field takes arguments, and each resolver reads those that
 * stand in the document as graphql-js reads them. The root value has to be the variables.
 */
export function bareSchema(schema: GraphQLSchema): GraphQLSchema {
  const made =
    known.get(schema) ??
    mapSchema(schema, {
      [MapperKind.COMPOSITE_FIELD]: (config, name, typeName) => {
        const type = schema.getType(typeName)
        const field = isObjectType(type) ? type.getFields()[name] : undefined
        if (!isObjectType(type) || !field?.resolve) return config
        return { ...config, args: {}, resolve: withArguments(schema, type, field, field.resolve) }
      },
    })
  known.set(schema, made)
  return made
}

function withArguments(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  resolve: Resolve,
): Resolve {
  const readers = new WeakMap<FieldNode, ReturnType<typeof argumentsReader>>()
  const argumentsOf = (node: FieldNode, variables: Variables): Variables => {
    const read = readers.get(node) ?? argumentsReader(field, node)
    readers.set(node, read)
    return read(variables)
  }
  const { type: returnType } = field
  return (parent, _, context, info) => {
    const [node] = info.fieldNodes
    if (!node) throw new Error(`The field ${field.name} stands nowhere in its document`)
    const variableValues = info.rootValue as Record<string, unknown>
    const values = argumentsOf(node, variableValues)
    // What has no fields below it has nothing to look up.
    const told: GraphQLResolveInfo = isLeafType(getNamedType(returnType))
      ? info
      : { ...info, schema, parentType, returnType, variableValues, rootValue: undefined }
    return resolve(parent, values, context, told)
  }
}
