import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLResolveInfo,
  getVariableValues,
  isObjectType,
  parse,
  type ValueNode,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { goldModels } from '../../../models/gold/index.js'
import { createSchema, RequestContext } from '../../../resolvers/index.js'
import { CompiledDocuments } from './compiled.js'
import type { PreparedDocument } from './contract.js'

const schema = buildSchema(`
  scalar Big
  enum Order { UP DOWN }
  input Where { gte: Big, in: [Big!], and: [Where!], order: Order = UP }
  type Row { id: ID!, amount(as: Order = UP): String, strict: String!, next(where: Where): Row, echo(where: Where!): String }
  type Page { rows: [Row!]!, loose: [Row], one: Row }
  type Query { page(where: Where, first: Int = 2, order: Order): Page, must(where: Where!): Page! }`)
const big = schema.getType('Big')
if (big && 'parseLiteral' in big) {
  big.parseLiteral = (node: ValueNode) =>
    'value' in node && typeof node.value === 'string' ? BigInt(node.value) : null
  big.parseValue = (value: unknown) => BigInt(String(value))
}
const told = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each))
const row = (id: string) => ({ id, strict: id === 'bad' ? null : `s${id}` })
const resolvers: Record<
  string,
  Record<string, (parent: { id: string }, args: object, _: unknown, info: GraphQLResolveInfo) => unknown>
> = {
  Query: {
    page: async (_, args, __, info) => ({
      rows: [row(told(args)), row(told(info.variableValues))],
      loose: [row('1'), null, row('bad')],
      one: row('one'),
    }),
    must: async () => {
      throw new Error('nothing there')
    },
  },
  Row: {
    amount: ({ id }, args) => (id === '1' ? Promise.reject(new Error('no amount')) : told(args)),
    next: (_, args) => ({ ...row('next'), id: told(args) }),
    echo: (_, args) => told(args),
  },
}
for (const type of Object.values(schema.getTypeMap())) {
  if (!isObjectType(type)) continue
  for (const field of Object.values(type.getFields())) {
    const resolve = resolvers[type.name]?.[field.name]
    if (resolve) field.resolve = resolve
  }
}

const prepared = (text: string): PreparedDocument => ({
  document: parse(text),
  schema,
  hash: text,
  fromBuilds: false,
  bytes: 1,
})
const context = new RequestContext({} as ConstructorParameters<typeof RequestContext>[0], {
  access: { limits: {} } as never,
})
const plain = (result: ExecutionResult | undefined) => JSON.parse(JSON.stringify(result))

async function both(text: string, given: Readonly<Record<string, unknown>> = {}) {
  const document = prepared(text)
  const definitions = document.document.definitions.flatMap((each) =>
    'variableDefinitions' in each && each.kind === 'OperationDefinition' ? (each.variableDefinitions ?? []) : [],
  )
  const { coerced = {} } = getVariableValues(schema, definitions, given)
  const documents = new CompiledDocuments()
  const first = documents.execute(document, context, coerced) ?? documents.execute(document, context, coerced)
  const compiled = await documents.execute(document, context, coerced)
  const interpreted = await execute({
    schema,
    document: document.document,
    contextValue: context,
    variableValues: given,
  })
  return { first, compiled: compiled && plain(compiled), interpreted: plain(interpreted) }
}

describe('a document that comes again is answered as graphql-js answers it:', () => {
  test.each<[string, string, Readonly<Record<string, unknown>>?]>([
    ['arguments left out, with their defaults', '{ page { rows { id amount __typename } } }'],
    [
      'literals that have no form in JSON',
      '{ page(where: { gte: 9007199254740993, and: [{ in: [1, 2] }] }) { one { echo(where: { gte: 5 }) } rows { id } } }',
    ],
    [
      'variables inside of objects, given',
      'query ($a: Big, $b: [Big!]) { page(where: { gte: $a, in: $b }) { rows { id } } }',
      { a: '7', b: [1] },
    ],
    [
      'variables inside of objects, left out',
      'query ($a: Big, $b: [Big!]) { page(where: { gte: $a, and: [{ in: $b }] }) { rows { id } } }',
    ],
    [
      'variables that are null',
      'query ($w: Where, $n: Int) { page(where: $w, first: $n) { rows { id } } }',
      { w: null, n: null },
    ],
    [
      'variables with defaults',
      'query ($w: Where = { gte: 3 }, $n: Int = 5) { page(where: $w, first: $n) { rows { id } } }',
    ],
    ['a null where none may be', 'query ($w: Where = {}) { must(where: $w) { one { id } } }', { w: null }],
    [
      'fragments and aliases',
      '{ a: page(first: 1) { ...P } constructor: page { one { ...R } } } fragment P on Page { rows { ...R } } fragment R on Row { toString: id id n: next(where: { gte: 1 }) { id } m: next { id amount(as: DOWN) } }',
    ],
    ['errors in lists, of fields that may be null', '{ page { loose { id amount } } }'],
    ['a NULL that takes its row with it', '{ page { loose { id strict } } }'],
    ['a field that fails and may not be null', '{ must(where: {}) { one { id } } }'],
  ])('%s', async (_, text, variables) => {
    const { first, compiled, interpreted } = await both(text, variables)
    expect(first).toBeUndefined()
    expect(compiled).toBeDefined()
    expect(compiled).toEqual(interpreted)
  })

  test.each([
    ['directives', 'query ($no: Boolean = false) { page { rows { id @include(if: $no) } } }'],
    ['the schema', '{ __schema { queryType { name } } page { one { id } } }'],
    ['a name that is more than a name', '{ __proto__: page { one { id } } }'],
    ['many fields', `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: page { one { id strict } }`).join(' ')} }`],
    ['several operations', 'query A { page { one { id } } } query B { page { one { id } } }'],
  ])('it is left to graphql-js with %s', async (_, text) => {
    expect((await both(text)).compiled).toBeUndefined()
  })
})

test('every shipped schema can be compiled', async () => {
  const document = { ...prepared('{ dailyRevenue { __typename } }'), schema: createSchema(goldModels) }
  const documents = new CompiledDocuments()
  documents.execute(document, context, {})
  documents.execute(document, context, {})
  expect(documents.execute(document, context, {})).toBeDefined()
})
