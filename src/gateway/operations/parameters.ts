import {
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql'
import { GoldgateError } from '../../../resolvers/index.js'

/** A query parameter of an operation: one of its variables. */
export interface Parameter {
  readonly name: string
  readonly type: GraphQLInputType
  /** Of the value, or of each value of a list. */
  readonly leaf: GraphQLLeafType
  readonly list: boolean
  readonly required: boolean
  /** As resolvers get it: the internal value, not GraphQL's JSON. */
  readonly defaultValue: unknown
}

/** The parameter of a variable. Throws BAD_USER_INPUT for a variable that no query string can hold. */
export function parameterOf(schema: GraphQLSchema, definition: VariableDefinitionNode): Parameter {
  const name = definition.variable.name.value
  const type = typeFromAST(schema, definition.type as Parameters<typeof typeFromAST>[1]) as GraphQLInputType | undefined
  const nullable = type && getNullableType(type)
  const leaf = isListType(nullable) ? getNullableType(nullable.ofType) : nullable
  if (!type || !isLeafType(leaf))
    throw invalid(name, 'must be a scalar, an enum or a list of these, to be a parameter of a URL')
  const { defaultValue } = definition
  return {
    ...{ name, type, leaf, list: isListType(nullable) },
    required: isNonNullType(type) && defaultValue === undefined,
    defaultValue: defaultValue && valueFromAST(defaultValue, type),
  }
}

/** The value of a variable from the text of its parameter. Throws BAD_USER_INPUT, which names the parameter and its type. */
export function variableValue(parameter: Parameter, given: readonly string[]): unknown {
  if (parameter.list) return listOf(given).map((text) => leafValue(parameter, text))
  const [text = '', ...more] = given
  if (more.length > 0) throw invalid(parameter.name, `is given ${given.length} times, and takes one value`)
  return leafValue(parameter, text)
}

/** Given once, values stand between commas, or are a list in JSON; given several times, each is a value as it stands. */
function listOf(given: readonly string[]): readonly string[] {
  const [only = '', ...more] = given
  if (more.length > 0) return given
  if (!only.startsWith('[')) return only === '' ? [] : only.split(',')
  try {
    const values: unknown = JSON.parse(only)
    return Array.isArray(values) ? values.map(String) : [only]
  } catch {
    return [only]
  }
}

function leafValue({ name, leaf }: Parameter, text: string): unknown {
  const refuse = (reason?: string) =>
    invalid(name, `takes ${describeType(leaf)}, not ${JSON.stringify(text.slice(0, 60))}${reason ? `: ${reason}` : ''}`)
  if (isEnumType(leaf)) {
    const found = leaf.getValues().find((each) => each.name === text.toUpperCase() || each.value === text)
    if (!found) throw refuse()
    return found.name
  }
  const value = jsonValue(leaf.name, text)
  if (value === undefined) throw refuse()
  try {
    leaf.parseValue(value)
    return value
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : undefined)
  }
}

/** What stands in JSON for the text of a value; undefined where nothing does. */
function jsonValue(type: string, text: string): unknown {
  switch (type) {
    case 'Int':
    case 'SafeInt':
      return /^-?\d{1,16}$/.test(text) ? Number(text) : undefined
    case 'Float':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
    case 'Boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    default:
      return text
  }
}

const words: Readonly<Record<string, string>> = {
  Int: 'a whole number (Int)',
  SafeInt: 'a whole number (SafeInt)',
  Float: 'a number (Float)',
  Boolean: 'true or false (Boolean)',
  Date: 'a date like 2024-03-31 (Date)',
  Timestamp: 'an instant like 2024-03-31T18:30:00Z (Timestamp)',
  Decimal: 'a decimal like 12.50 (Decimal)',
}

function describeType(leaf: GraphQLLeafType): string {
  if (!isEnumType(leaf)) return words[leaf.name] ?? `text (${leaf.name})`
  return `one of ${leaf
    .getValues()
    .map(({ value }) => String(value))
    .join(', ')} (${leaf.name})`
}

/** A reason that quotes a sentence has its full stop already. */
export const invalid = (name: string, reason: string): GoldgateError =>
  new GoldgateError('BAD_USER_INPUT', `The parameter \`${name}\` ${reason.replace(/\.$/, '')}.`, {
    details: { parameter: name },
  })
