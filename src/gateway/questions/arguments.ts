import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  getArgumentValues,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
  visit,
} from 'graphql'
import { hasVariables } from '../../../resolvers/index.js'

/** What the variables of a request were coerced to, by graphql-js. */
export type Variables = Readonly<Record<string, unknown>>

type Reads = (variables: Variables) => unknown

/**
 * The arguments of one place in a document, as `getArgumentValues` of graphql-js gives them. It looks at every field of every input object each time; here that is
 * done once, and a request only puts its variables in. Where one of them is missing or null, which may be an error, graphql-js reads them.
 */
export function argumentsReader(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (given: Variables) => Variables {
  const nodes = node.arguments ?? []
  if (!hasVariables(nodes)) {
    let constant: Variables | undefined
    return () => {
      constant ??= getArgumentValues(field, node)
      return constant
    }
  }
  const used = variablesIn(node)
  const read = field.args.flatMap((argument): [string, Reads][] => {
    const value = nodes.find(({ name }) => name.value === argument.name)?.value
    return entryOf(argument, value)
  })
  return (given) => {
    for (const name of used)
      if (!Object.hasOwn(given, name) || given[name] === undefined || given[name] === null)
        return getArgumentValues(field, node, given)
    return filled({}, read, given)
  }
}

function variablesIn({ arguments: nodes = [] }: FieldNode): readonly string[] {
  const names = new Set<string>()
  for (const node of nodes)
    visit(node, {
      [Kind.VARIABLE]: ({ name }) => {
        names.add(name.value)
      },
    })
  return [...names]
}

interface Declared {
  readonly name: string
  readonly type: GraphQLInputType
  readonly defaultValue?: unknown
}

/** Nothing for what is left out and has no default. */
function entryOf({ name, type, defaultValue }: Declared, value: ValueNode | undefined): [string, Reads][] {
  if (value) return [[name, readerOf(value, type)]]
  return defaultValue === undefined ? [] : [[name, () => defaultValue]]
}

/** The document is valid, so that a value is of its type. */
function readerOf(node: ValueNode, type: GraphQLInputType): Reads {
  if (node.kind === Kind.VARIABLE) {
    const name = node.name.value
    return (variables) => variables[name]
  }
  if (!hasVariables([node])) {
    const constant: unknown = valueFromAST(node, type)
    return () => constant
  }
  if (isNonNullType(type)) return readerOf(node, type.ofType)
  if (isListType(type)) {
    const items = (node.kind === Kind.LIST ? node.values : [node]).map((item) => readerOf(item, type.ofType))
    return (variables) => items.map((read) => read(variables))
  }
  if (!isInputObjectType(type) || node.kind !== Kind.OBJECT) throw new TypeError(`${node.kind} is no value of its type`)
  const fields = Object.values(type.getFields()).flatMap((field) =>
    entryOf(field, node.fields.find(({ name }) => name.value === field.name)?.value),
  )
  return (variables) => filled(Object.create(null), fields, variables)
}

function filled(
  into: Record<string, unknown>,
  fields: readonly (readonly [string, Reads])[],
  variables: Variables,
): Record<string, unknown> {
  for (const [name, read] of fields) into[name] = read(variables)
  return into
}
