import {
  type GraphQLLeafType,
  type GraphQLSchema,
  getNullableType,
  getVariableValues,
  isLeafType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'
import type { Variables } from './arguments.js'

interface Leaf {
  readonly name: string
  readonly type: GraphQLLeafType
}

/** Of operations by their schema. Undefined: one of the variables is neither a scalar nor of a closed list. */
const known = new WeakMap<OperationDefinitionNode, { schema: GraphQLSchema; leaves: readonly Leaf[] | undefined }>()

/**
 * The variables of a request as `getVariableValues` of graphql-js coerces them, undefined where it finds an error. What is declared is read once for each operation; where each variable is a scalar or
 * of a closed list and has a value, each is parsed by its type, which is what graphql-js does with it. Everything else is left to graphql-js.
 */
export function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Variables,
): Variables | undefined {
  return (
    parsed(leavesOf(schema, operation), given) ??
    getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 }).coerced
  )
}

function leavesOf(schema: GraphQLSchema, operation: OperationDefinitionNode): readonly Leaf[] | undefined {
  const found = known.get(operation)
  if (found?.schema === schema) return found.leaves
  const definitions = operation.variableDefinitions ?? []
  const leaves = definitions.flatMap(({ variable, type: node }) => {
    const declared = typeFromAST(schema, node)
    const type = declared && getNullableType(declared)
    const name = variable.name.value
    // No object has a property of its own under that name by an assignment.
    return type && isLeafType(type) && name !== '__proto__' ? [{ name, type }] : []
  })
  const all = leaves.length === definitions.length ? leaves : undefined
  known.set(operation, { schema, leaves: all })
  return all
}

/** Undefined where a value is missing, null or none of its type. */
function parsed(leaves: readonly Leaf[] | undefined, given: Variables): Variables | undefined {
  if (!leaves) return undefined
  const values: Record<string, unknown> = {}
  try {
    for (const { name, type } of leaves) {
      if (!Object.hasOwn(given, name)) return undefined
      const value = given[name]
      if (value === undefined || value === null) return undefined
      const read = type.parseValue(value)
      if (read === undefined) return undefined
      values[name] = read
    }
  } catch {
    return undefined
  }
  return values
}
