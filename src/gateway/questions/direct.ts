import { collectFields, collectSubFields } from '@graphql-tools/utils'
import {
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isEnumType,
  isLeafType,
  isNonNullType,
  isObjectType,
  Kind,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import {
  bytesOfTemplates,
  factsOf,
  hasVariables,
  type PageOfCells,
  PageTemplates,
  type RequestContext,
} from '../../../resolvers/index.js'
import { type JsonColumn, type JsonForm, jsonRows, NotWritten } from '../json/json-rows.js'
import { scratch } from '../json/scratch.js'
import { argumentsReader, textArgument, type Variables, variablePlaces } from './arguments.js'
import type { PreparedDocument } from './contract.js'
import { isSpecial } from './special.js'

/** Of plans and their documents. */
const maxBytes = 16 * 2 ** 20
const bytesOfPlan = 1_000

/** The parts of a field's answer, in their order: text, or what is written of the page that was read. Its rows lie where the next rows will be written. */
type Part = Buffer | ((page: PageOfCells) => Buffer) | { readonly rows: (page: PageOfCells) => Uint8Array }

interface PlannedField {
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly pages: PageTemplates
  readonly parts: readonly Part[]
}

interface Plan {
  /** Text in front of each field; where there is no field, all that stands there. */
  readonly fields: readonly { readonly before: Buffer; readonly planned: PlannedField | undefined }[]
}

type Info = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'operation'>

/** `"data":…` as it is sent, or an answer in which it is missing. */
export type Direct = { readonly data: Buffer } | ExecutionResult

/**
 * Answers documents whose rows hold nothing but columns without making an object of any row or value: what the warehouse writes becomes JSON at once. Fields are
 * resolved by the same lists as everywhere; everything else is left to an executor.
 */
export class DirectDocuments {
  private readonly room = scratch()
  private readonly plans = new LRUCache<PreparedDocument, Plan>({ maxSize: maxBytes })
  private readonly without = new WeakSet<PreparedDocument>()

  /** Undefined for what an executor has to answer. */
  async execute(
    document: PreparedDocument,
    context: RequestContext,
    variables: Variables,
  ): Promise<Direct | undefined> {
    const plan = this.planOf(document)
    if (!plan) return undefined
    try {
      const { fields } = plan
      const [only] = fields
      const pages =
        only && fields.length === 1
          ? [await read(only.planned, context, variables)]
          : await Promise.all(fields.map(({ planned }) => read(planned, context, variables)))
      return { data: written(fields, pages) }
    } catch (error) {
      // Whoever looks at each value says which one it is.
      if (error instanceof NotWritten) return undefined
      if (error instanceof FieldError) return { data: null, errors: [error.located] }
      throw error
    }
  }

  private planOf(document: PreparedDocument): Plan | undefined {
    if (this.without.has(document)) return undefined
    const known = this.plans.get(document)
    if (known) return known
    const plan = planned(document, this.room)
    if (plan) {
      const fields = plan.fields.filter((field) => field.planned).length
      this.plans.set(document, plan, { size: document.bytes + bytesOfPlan + fields * bytesOfTemplates })
    } else this.without.add(document)
    return plan
  }
}

/** Where rows are written until they are text. */
type Room = (bytes: number) => Uint8Array

const closeBrace = Buffer.from('}')

class FieldError extends Error {
  constructor(readonly located: ReturnType<typeof locatedError>) {
    super(located.message)
  }
}

async function read(
  field: PlannedField | undefined,
  context: RequestContext,
  variables: Variables,
): Promise<PageOfCells | undefined> {
  if (!field) return undefined
  const { key, nodes, pages } = field
  try {
    return await pages.read(variables, context)
  } catch (error) {
    throw new FieldError(locatedError(error, nodes, [key]))
  }
}

function written(fields: Plan['fields'], pages: readonly (PageOfCells | undefined)[]): Buffer {
  const texts: Uint8Array[] = []
  let rows: number | undefined
  const write = (part: Part, page: PageOfCells): Uint8Array => {
    if (typeof part === 'function') return part(page)
    if (!('rows' in part)) return part
    if (rows !== undefined) texts[rows] = Buffer.from(texts[rows] ?? [])
    rows = texts.length
    return part.rows(page)
  }
  fields.forEach(({ before, planned }, i) => {
    texts.push(before)
    const page = pages[i]
    if (page) for (const part of planned?.parts ?? []) texts.push(write(part, page))
  })
  texts.push(closeBrace)
  return Buffer.concat(texts)
}

type Fragments = Record<string, FragmentDefinitionNode>

/** Undefined for a document that is left to an executor. */
function planned({ document, schema }: PreparedDocument, room: Room): Plan | undefined {
  const operations = document.definitions.filter(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  )
  const [operation, ...more] = operations
  const query = schema.getQueryType()
  if (!operation || more.length > 0 || !query || isSpecial(document)) return undefined
  const fragments: Fragments = Object.fromEntries(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  )
  const given = { schema, fragments, operation }
  const fields = [...collectFields(schema, fragments, noVariables, query, operation.selectionSet).fields].map(
    ([key, nodes], i) => {
      const before = `${i === 0 ? '"data":{' : ','}${quoted(key)}:`
      if (nodes[0]?.name.value === '__typename')
        return { before: Buffer.from(before + quoted(query.name)), planned: undefined }
      const field = plannedField(given, query, key, nodes, room)
      return field && { before: Buffer.from(before), planned: field }
    },
  )
  const all = fields.filter((each) => each !== undefined)
  return all.length === fields.length ? { fields: all } : undefined
}

function plannedField(
  info: Info,
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
  room: Room,
): PlannedField | undefined {
  const [node] = nodes
  const field = node && parentType.getFields()[node.name.value]
  const type = field && getNamedType(field.type)
  if (!field || !isObjectType(type)) return undefined
  const { list } = factsOf(field)
  const parts = list && partsOf(info, type, nodes, room)
  if (!parts) return undefined
  const path = { prev: undefined, key, typename: parentType.name }
  const pages = new PageTemplates({
    places: variablePlaces(field, node),
    warehouse: textArgument(node, 'warehouse'),
    argumentsOf: argumentsReader(field, node),
    listOf: (args, context, variables) =>
      list({ ...args }, context, {
        ...{ fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType, path },
        ...{ ...info, rootValue: undefined, variableValues: { ...variables } },
      }),
  })
  return { key, nodes, pages, parts }
}

const noVariables = { coerced: {}, sources: {} }
const quoted = (text: string): string => JSON.stringify(text)

/** What stands below a field that lists something; undefined where it is more than columns, a count, and where the page lies. */
function partsOf(
  info: Info,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  room: Room,
): readonly Part[] | undefined {
  const parts: Part[] = []
  // What stands in front of the next part.
  let before = ''
  const follow = (part: Part): void => {
    parts.push(Buffer.from(before), part)
    before = ''
  }
  for (const [key, below] of subFields(info, type, nodes)) {
    before += `${before === '' && parts.length === 0 ? '{' : ','}${quoted(key)}:`
    const name = below[0]?.name.value
    const field = type.getFields()[name ?? '']
    const named = field && getNamedType(field.type)
    if (name === '__typename') before += quoted(type.name)
    else if (name === 'totalCount') follow(({ totalCount }) => Buffer.from(countText(totalCount)))
    else if (name === 'pageInfo' && isObjectType(named)) {
      const fields = [...subFields(info, named, below)].map(([own, [node]]) => [own, node?.name.value ?? ''] as const)
      follow(({ pageInfo }) => {
        const shown = fields.map(([own, of]) => [
          own,
          of === '__typename' ? named.name : pageInfo[of as keyof typeof pageInfo],
        ])
        return Buffer.from(JSON.stringify(Object.fromEntries(shown)))
      })
    } else if (name === 'nodes' && isObjectType(named)) {
      const rows = rowsPart(info, named, below, room)
      if (!rows) return undefined
      before += '['
      follow({ rows })
      before = ']'
    } else return undefined
  }
  return [...parts, Buffer.from(`${before}}`)]
}

function countText(count: bigint | undefined): string {
  if (count === undefined || count > BigInt(Number.MAX_SAFE_INTEGER)) throw new NotWritten('There is no exact count.')
  return String(count)
}

/** The rows of a page, which hold nothing but columns; undefined for others. */
function rowsPart(
  info: Info,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  room: Room,
): ((page: PageOfCells) => Uint8Array) | undefined {
  const columns: JsonColumn[] = []
  const cells: { readonly field: string; readonly args: Variables }[] = []
  // What stands in front of the next value.
  let before = '{'
  const begin = (key: string) => {
    before += `${before === '{' ? '' : ','}${quoted(key)}:`
  }
  for (const [key, [node]] of subFields(info, type, nodes)) {
    begin(key)
    if (node?.name.value === '__typename') {
      before += quoted(type.name)
      continue
    }
    const field = node && type.getFields()[node.name.value]
    if (!field || hasVariables(node.arguments ?? [])) return undefined
    const args = getArgumentValues(field, node)
    const form = formOf(field, args)
    if (!form) return undefined
    columns.push({ before, form, nullable: !isNonNullType(field.type), safe: form === 'plain' })
    cells.push({ field: field.name, args })
    before = ''
  }
  const write = jsonRows(columns, `${before}},`, room)
  return ({ cells: read, columns: there, shown: [from, to], cell }) => {
    const places = cells.map(({ field, args }) => {
      const column = cell(field, args)
      const place = there.findIndex(({ name }) => name === column)
      if (place < 0) throw new NotWritten(`${field} is no column.`)
      return place
    })
    const text = write({ cells: read, width: there.length, places }, from, to)
    // Without what stands behind the last row.
    return text.subarray(0, Math.max(0, text.length - 1))
  }
}

const plainTypes: Readonly<Record<string, JsonForm>> = {
  ...{ SafeInt: 'plain', Boolean: 'plain' },
  ...{ String: 'text', Decimal: 'quoted', Date: 'quoted', Timestamp: 'quoted' },
}

/** Undefined for what is no value. */
function formOf({ type }: GraphQLField<unknown, unknown>, args: Variables): JsonForm | undefined {
  const named = getNamedType(type)
  if (!isLeafType(named)) return undefined
  if (isEnumType(named)) return { names: new Map(named.getValues().map(({ name, value }) => [String(value), name])) }
  if (named.name === 'IntOrShare') return args.as === 'share' ? 'quoted' : 'plain'
  return plainTypes[named.name]
}

const subFields = (
  { schema, fragments }: Info,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): Map<string, FieldNode[]> => collectSubFields(schema, fragments, noVariables, type, [...nodes]).fields
