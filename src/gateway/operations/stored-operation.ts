import {
  type DocumentNode,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  parse,
  typeFromAST,
  type ValidationRule,
  validate,
  valueFromAST,
} from 'graphql'
import { GoldgateError, hasVariables, planTable, type TablePlan } from '../../../resolvers/index.js'
import { pageParameters, type TableDocument, tableDocument } from './document.js'
import { type Parameter, parameterOf } from './parameters.js'

/** An operation of a file, served at /api/v1/<path>. */
export interface StoredOperation {
  readonly path: string
  readonly description: string
  /** Of the query. */
  readonly name: string
  /** Of the file, as it was found. */
  readonly file: string
  readonly source: string
  readonly document: TableDocument
  readonly parameters: readonly (Parameter & { readonly description: string })[]
  /** Its table where all variables have their defaults. */
  readonly plan: TablePlan
  /** Its columns are the same whatever the variables. */
  readonly fixed: boolean
}

/** What is wrong with a file of an operation: where, and what to do. */
export class OperationError extends Error {
  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`)
    this.name = 'OperationError'
  }
}

/** Names that mean the same for every operation. */
const reserved: readonly string[] = [...pageParameters, 'decimals', 'bom', 'format']
const pathForm = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/

interface Header {
  readonly path: string
  readonly description: string
  readonly described: ReadonlyMap<string, { readonly description: string; readonly line: number }>
}

/** Reads a file, whose leading comments say its path, what it answers, and what each variable is. Throws an OperationError. */
export function readOperation(
  file: string,
  source: string,
  schema: GraphQLSchema,
  rules: readonly ValidationRule[],
): StoredOperation {
  const { path, description, described } = readHeader(file, source)
  const parsed = located(file, () => parse(source))
  const document = located(file, () => tableDocument(parsed))
  const name = document.operation.name?.value
  if (!name) throw new OperationError(file, 1, 'the query has no name: write `query SomeName { … }`.')
  const check = (checked: DocumentNode) => {
    const [problem] = validate(schema, checked, rules)
    if (problem) throw new OperationError(file, problem.locations?.[0]?.line ?? 1, problem.message)
  }
  // As it was written, before what its author never wrote is added to it.
  check(parsed)
  const parameters = document.variables.map((definition) => {
    const variable = definition.variable.name.value
    const line = definition.loc?.startToken.line ?? 1
    if (reserved.includes(variable))
      throw new OperationError(
        file,
        line,
        `$${variable} means the same for every operation: name the variable otherwise${variable === 'limit' ? ', or give it to `first` only' : ''}.`,
      )
    const said = described.get(variable)
    if (!said?.description)
      throw new OperationError(file, line, `$${variable} has no description: write \`# $${variable}: …\` at the top.`)
    return { ...located(file, () => parameterOf(schema, definition), line), description: said.description }
  })
  const pageVariables = Object.values(document.page)
  for (const [variable, { line }] of described) {
    if (parameters.some((each) => each.name === variable)) continue
    throw new OperationError(
      file,
      line,
      pageVariables.includes(variable)
        ? `$${variable} means the same for every operation: take its description out.`
        : `the query has no variable $${variable}.`,
    )
  }
  const defaults = Object.fromEntries(
    (document.operation.variableDefinitions ?? []).flatMap(({ variable, type, defaultValue }) => {
      const known = typeFromAST(schema, type as Parameters<typeof typeFromAST>[1]) as GraphQLInputType | undefined
      return known && defaultValue ? [[variable.name.value, valueFromAST(defaultValue, known)]] : []
    }),
  )
  const plan = located(file, () => planTable(schema, document.document, defaults))
  check(document.document)
  const fixed = !selectsByVariables(document)
  return { path, description, name, file, source, document, parameters, plan, fixed }
}

/** Also of a column that the defaults leave out. */
const selectsByVariables = ({ document, operation }: TableDocument): boolean =>
  hasVariables([
    ...operation.selectionSet.selections.map((node) => (node.kind === Kind.FIELD ? { ...node, arguments: [] } : node)),
    ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION),
  ])

/** The operation with its columns described as in the schema of a role, which leaves out what the role does not see. */
export function describedIn(schema: GraphQLSchema, operation: StoredOperation): StoredOperation {
  const columns = operation.plan.columns.map((column) => {
    const last = column.steps.at(-1)
    const type = last && schema.getType(last.info.parentType.name)
    const field = isObjectType(type) ? type.getFields()[last?.field.name ?? ''] : undefined
    return { ...column, description: field?.description ?? '' }
  })
  return { ...operation, plan: { ...operation.plan, columns } }
}

function readHeader(file: string, source: string): Header {
  const lines = source.split(/\r?\n/)
  const end = lines.findIndex((line) => !/^\s*(#|$)/.test(line))
  const described = new Map<string, { readonly description: string; readonly line: number }>()
  const description: string[] = []
  let path: string | undefined
  for (const [index, line] of lines.slice(0, end === -1 ? lines.length : end).entries()) {
    const text = line.replace(/^\s*#?\s?/, '').trim()
    const [, key, value = ''] = /^(path|\$\w+):\s*(.*)$/.exec(text) ?? []
    if (key === 'path') path = value
    else if (key) described.set(key.slice(1), { description: value, line: index + 1 })
    else if (text !== '') description.push(text)
  }
  if (path === undefined || !pathForm.test(path))
    throw new OperationError(
      file,
      1,
      path === undefined
        ? 'the file says no path: begin it with a comment like `# path: revenue/daily`.'
        : `the path ${JSON.stringify(path)} is none: lower-case words with - between them, and / between the parts.`,
    )
  if (description.length === 0)
    throw new OperationError(file, 1, 'the file does not say what it answers: write it in a comment below the path.')
  return { path, description: description.join(' '), described }
}

function located<T>(file: string, work: () => T, line = 1): T {
  try {
    return work()
  } catch (error) {
    const at =
      error instanceof GraphQLError
        ? error.locations?.[0]?.line
        : error instanceof GoldgateError
          ? error.line
          : undefined
    throw new OperationError(file, at ?? line, error instanceof Error ? error.message : String(error))
  }
}
