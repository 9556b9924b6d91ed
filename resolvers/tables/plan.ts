import { collectFields, collectSubFields } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { LogicalType } from '../../models/types.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { factsOf, type ListOf } from '../factory/field-facts.js'
import { valueTypeOf } from './value-type.js'

/** A field on the way from a row to a value, as an executor would call its resolver. */
export interface Step {
  /** In the answer. */
  readonly key: string
  readonly field: GraphQLField<unknown, unknown>
  readonly args: Variables
  readonly info: GraphQLResolveInfo
}

export interface TableColumn {
  /** The response keys from the row to the value, joined by `_`. */
  readonly name: string
  /** One step, or through objects of one other row each. */
  readonly steps: readonly Step[]
  readonly type: LogicalType
  readonly nullable: boolean
  readonly description: string
}

/** The table that an operation answers with: the nodes of its one root field, objects in them flattened. */
export interface TablePlan {
  /** Of the root field in the answer, and of its nodes below. */
  readonly keys: { readonly root: string; readonly nodes: string }
  readonly args: Variables
  readonly info: GraphQLResolveInfo
  readonly list: ListOf
  readonly columns: readonly TableColumn[]
  /** What else the answer holds of the list, by its key there: `totals`, `totalCount`. */
  readonly beside: readonly { readonly key: string; readonly field: string }[]
}

const besides: readonly string[] = ['totals', 'totalCount', 'pageInfo']

type Fragments = Record<string, FragmentDefinitionNode>
type Variables = Readonly<Record<string, unknown>>

interface Planning {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Fragments
  /** Coerced. */
  readonly variables: Variables
}

/**
 * The table of a valid document with one operation. `variables` are coerced by GraphQL already. Throws BAD_USER_INPUT for an operation that is no table.
 */
export function planTable(schema: GraphQLSchema, document: DocumentNode, variables: Variables): TablePlan {
  const fragments: Fragments = {}
  let operation: OperationDefinitionNode | undefined
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
  }
  const query = schema.getQueryType()
  if (!operation || !query || operation.operation !== 'query') throw noTable('is no query')
  const planning = { schema, operation, fragments, variables }
  const roots = [...collectFields(schema, fragments, valuesOf(variables), query, operation.selectionSet).fields]
  const [root, ...more] = roots.map(([key, nodes]) => stepOf(planning, query, key, nodes))
  if (!root || more.length > 0) throw noTable('asks for several fields at once: a table is the rows of one', more[0])
  const { list } = factsOf(root.field)
  const connection = getNamedType(root.field.type)
  if (!list || !isObjectType(connection)) throw noTable(`asks for ${root.field.name}, which lists no rows`, root)
  const parts = stepsBelow(planning, root)
  const lists = parts.filter(({ field }) => field.name === 'nodes')
  const [nodes] = lists
  if (!nodes || lists.length > 1) throw noTable('must select the `nodes` of its field, once', lists[1] ?? root)
  const other = parts.find(({ field }) => field.name !== 'nodes' && !besides.includes(field.name))
  if (other) throw noTable(`selects \`${other.key}\`, which has no place in a table: \`nodes\` are its rows`, other)
  return {
    keys: { root: root.key, nodes: nodes.key },
    ...{ args: root.args, info: root.info, list, columns: columnsBelow(planning, nodes) },
    beside: parts.filter((part) => part !== nodes).map(({ key, field }) => ({ key, field: field.name })),
  }
}

function columnsBelow(planning: Planning, nodes: Step): TableColumn[] {
  const columns = flattened(planning, nodes, [], false)
  const names = new Set<string>()
  for (const { name, steps } of columns) {
    if (names.has(name)) throw noTable(`has two columns ${name}: give one of them another alias`, steps.at(-1))
    names.add(name)
  }
  if (columns.length === 0) throw noTable('selects nothing of its rows', nodes)
  return columns
}

function flattened(planning: Planning, parent: Step, steps: readonly Step[], nullable: boolean): TableColumn[] {
  return stepsBelow(planning, parent).flatMap((step): TableColumn[] => {
    const way = [...steps, step]
    const mayLack = nullable || !isNonNullType(step.field.type)
    const type = getNullableType(step.field.type)
    const name = way.map(({ key }) => key).join('_')
    if (isListType(type) || isConnection(type))
      throw noTable(`selects the list \`${name}\` inside of a row, which has no place in a table`, step)
    if (!isLeafType(type)) return flattened(planning, step, way, mayLack)
    const description = step.field.description ?? ''
    return [{ name, steps: way, type: valueTypeOf(step.field, step.args), nullable: mayLack, description }]
  })
}

const isConnection = (type: GraphQLOutputType): boolean => isObjectType(type) && 'nodes' in type.getFields()

function stepsBelow(planning: Planning, { field, info }: Step): Step[] {
  const type = getNamedType(field.type)
  if (!(type instanceof GraphQLObjectType)) return []
  const { schema, fragments, variables } = planning
  return [...collectSubFields(schema, fragments, valuesOf(variables), type, [...info.fieldNodes]).fields]
    .filter(([, [node]]) => node?.name.value !== '__typename')
    .map(([key, nodes]) => stepOf(planning, type, key, nodes))
}

function stepOf(planning: Planning, parent: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Step {
  const [node] = nodes
  const field = node && parent.getFields()[node.name.value]
  if (!node || !field) throw noTable(`asks for \`${key}\`, which is no field of rows`, { info: { fieldNodes: nodes } })
  const { schema, operation, fragments, variables } = planning
  const info: GraphQLResolveInfo = {
    ...{ fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType: parent },
    path: { prev: undefined, key, typename: parent.name },
    ...{ schema, fragments, operation, rootValue: undefined, variableValues: variables },
  }
  return { key, field, args: getArgumentValues(field, node, variables), info }
}

/** As graphql-tools takes them; where they come from matters to GraphQL 17 only. */
const valuesOf = (coerced: Variables) => ({ coerced, sources: {} })

const noTable = (reason: string, at?: { readonly info: Pick<GraphQLResolveInfo, 'fieldNodes'> }): GoldgateError =>
  new GoldgateError('BAD_USER_INPUT', `The operation ${reason}.`, { node: at?.info.fieldNodes[0] })
