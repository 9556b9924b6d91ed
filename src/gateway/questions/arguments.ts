import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  getArgumentValues,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
  visit,
} from 'graphql'
import { hasVariables, type VariablePlaces } from '../../../resolvers/index.js'

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

/** Arguments of which it is known what they decide; a place with any other is compiled each time. */
const simple: ReadonlySet<string> = new Set(['where', 'having', 'orderBy', 'first', 'warehouse'])
const comparing: ReadonlySet<string> = new Set([
  ...['eq', 'ne', 'in', 'notIn', 'lt', 'lte', 'gt', 'gte', 'from', 'to', 'contains', 'startsWith'],
])

/** Undefined for a place in which variables stand for more than compared values and the size of a page. */
export function variablePlaces(field: GraphQLField<unknown, unknown>, node: FieldNode): VariablePlaces | undefined {
  const slots = new Set<string>()
  const shape = new Set<string>()
  for (const { name, value } of node.arguments ?? []) {
    if (!simple.has(name.value)) return undefined
    const type = field.args.find((argument) => argument.name === name.value)?.type
    if (!type || !hasVariables([value])) continue
    if (name.value === 'first' && value.kind === Kind.VARIABLE) shape.add(value.name.value)
    else if (name.value !== 'where' && name.value !== 'having') return undefined
    else if (!collectSlots(value, type, '', slots)) return undefined
  }
  return [...shape].some((name) => slots.has(name)) ? undefined : { slots: [...slots], shape: [...shape] }
}

/** An argument that is a text in the document itself. */
export function textArgument(node: FieldNode, name: string): string | undefined {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

/** False where a variable stands for more than one compared value. */
function collectSlots(value: ValueNode, type: GraphQLInputType, field: string, into: Set<string>): boolean {
  const nullable = getNullableType(type)
  if (value.kind === Kind.VARIABLE) {
    if (!comparing.has(field) || !isLeafType(nullable)) return false
    into.add(value.name.value)
    return true
  }
  if (value.kind === Kind.LIST && isListType(nullable))
    return value.values.every((item) => collectSlots(item, nullable.ofType, field, into))
  if (isListType(nullable)) return collectSlots(value, nullable.ofType, field, into)
  if (value.kind !== Kind.OBJECT || !isInputObjectType(nullable)) return true
  return value.fields.every(({ name, value: below }) => {
    const declared = nullable.getFields()[name.value]
    return declared !== undefined && collectSlots(below, declared.type, name.value, into)
  })
}
