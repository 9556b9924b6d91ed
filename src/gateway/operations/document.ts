import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parseType,
  print,
  type SelectionNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql'
import { GoldgateError } from '../../../resolvers/index.js'

/** What every operation is asked for besides its own variables, as arguments of its field. */
export const pageParameters = ['limit', 'after', 'warehouse', 'build'] as const
export type PageParameter = (typeof pageParameters)[number]

const argumentOf = { limit: 'first', after: 'after', warehouse: 'warehouse', build: 'build' } as const
const typeOf = { limit: 'Int', after: 'String', warehouse: 'String', build: 'String' } as const

/** The key under which every answer says whether there are more rows. */
export const pageKey = 'goldgatePage'

/** A query with one field of rows, completed so that it can be asked for page by page, in any warehouse and build. */
export interface TableDocument {
  readonly document: DocumentNode
  readonly text: string
  readonly operation: OperationDefinitionNode
  /** The variable behind each of the common parameters; absent where the query itself says what it is. */
  readonly page: Readonly<Partial<Record<PageParameter, string>>>
  /** The default of its own `$limit`. */
  readonly ownLimit: number | undefined
  /** Variables of the query's own. */
  readonly variables: readonly VariableDefinitionNode[]
}

/** Throws BAD_USER_INPUT for a document that is not one query of one field. */
export function tableDocument(parsed: DocumentNode, operationName?: string | null): TableDocument {
  const operation = onlyOperation(parsed, operationName)
  const [field, ...more] = operation.selectionSet.selections
  if (operation.operation !== 'query' || field?.kind !== Kind.FIELD || more.length > 0)
    throw new GoldgateError(
      'BAD_USER_INPUT',
      'An operation is one query with one field, whose `nodes` are the rows of its table.',
      { node: operation.operation === 'query' ? (more[0] ?? field) : operation },
    )
  const page: Partial<Record<PageParameter, string>> = {}
  const added: VariableDefinitionNode[] = []
  const args: ArgumentNode[] = [...(field.arguments ?? [])]
  for (const parameter of pageParameters) {
    const given = args.find(({ name }) => name.value === argumentOf[parameter])
    const own = given?.value.kind === Kind.VARIABLE ? given.value.name.value : undefined
    // A variable of the query's own under the parameter's name is that parameter, with its own default.
    if (own === parameter) page[parameter] = own
    if (given || takesFromTheEnd(parameter, args)) continue
    const variable = `goldgate_${parameter}`
    page[parameter] = variable
    added.push(definition(variable, typeOf[parameter]))
    args.push({ kind: Kind.ARGUMENT, name: nameOf(argumentOf[parameter]), value: variableOf(variable) })
  }
  const completed: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: [...(operation.variableDefinitions ?? []), ...added],
    selectionSet: { ...operation.selectionSet, selections: [withPage({ ...field, arguments: args })] },
  }
  const fragments = parsed.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const document: DocumentNode = { ...parsed, definitions: [completed, ...fragments] }
  const variables = (operation.variableDefinitions ?? []).filter(
    ({ variable }) => !Object.values(page).includes(variable.name.value),
  )
  return { document, text: print(document), operation: completed, page, ownLimit: defaultLimit(operation), variables }
}

function defaultLimit({ variableDefinitions = [] }: OperationDefinitionNode): number | undefined {
  const own = variableDefinitions.find(({ variable }) => variable.name.value === 'limit')?.defaultValue
  return own?.kind === Kind.INT ? Number(own.value) : undefined
}

/** `last` and `before` page from the other end. */
const takesFromTheEnd = (parameter: PageParameter, args: readonly ArgumentNode[]): boolean =>
  (parameter === 'limit' || parameter === 'after') &&
  args.some(({ name }) => name.value === 'last' || name.value === 'before')

function onlyOperation(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const all = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  const meant = name ? all.filter((each) => each.name?.value === name) : all
  const [operation, ...more] = meant
  if (operation && more.length === 0) return operation
  throw new GoldgateError(
    'OPERATION_RESOLUTION_FAILURE',
    name
      ? `The document has no operation ${JSON.stringify(name.slice(0, 60))}.`
      : 'The document must have exactly one operation; of several, say which with `operationName`.',
    { node: meant[1] },
  )
}

function withPage(field: FieldNode): FieldNode {
  const page: SelectionNode = {
    ...{ kind: Kind.FIELD, name: nameOf('pageInfo'), alias: nameOf(pageKey) },
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: ['hasNextPage', 'endCursor'].map((name) => ({ kind: Kind.FIELD, name: nameOf(name) })),
    },
  }
  const selections = [...(field.selectionSet?.selections ?? []), page]
  return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } }
}

const definition = (name: string, type: string): VariableDefinitionNode => ({
  kind: Kind.VARIABLE_DEFINITION,
  ...{ variable: variableOf(name), type: parseType(type) },
})
const nameOf = (value: string) => ({ kind: Kind.NAME, value }) as const
const variableOf = (name: string) => ({ kind: Kind.VARIABLE, name: nameOf(name) }) as const satisfies ValueNode
