import { getVariableValues, type OperationDefinitionNode, parse } from 'graphql'
import { expect, test } from 'vitest'
import { goldModels } from '../../../models/gold/index.js'
import { createSchema } from '../../../resolvers/index.js'
import { variablesOf } from './variables.js'

const schema = createSchema(goldModels)
const declared = '$a: String!, $n: Int = 7, $o: OrderDirection, $d: Date'

const given: readonly [string, string, Readonly<Record<string, unknown>>][] = [
  ['all of them', declared, { a: 'x', n: 3, o: 'DESC', d: '2026-01-02' }],
  ['one left out that has a default', declared, { a: 'x', o: 'ASC', d: '2026-01-02' }],
  ['one left out that has none', declared, { a: 'x', n: 1, d: '2026-01-02' }],
  ['a null', declared, { a: 'x', n: null, o: 'ASC', d: '2026-01-02' }],
  ['a null where none may be', declared, { a: null, n: 1, o: 'ASC', d: '2026-01-02' }],
  ['one left out that is needed', declared, {}],
  ['a number for a text', declared, { a: 5, n: 1, o: 'ASC', d: '2026-01-02' }],
  ['a fraction for an integer', declared, { a: 'x', n: 1.5, o: 'ASC', d: '2026-01-02' }],
  ['a day that no month has', declared, { a: 'x', n: 1, o: 'ASC', d: '2026-02-30' }],
  ['what is not in the list', declared, { a: 'x', n: 1, o: 'UP', d: '2026-01-02' }],
  ['one too many', '$a: String!', { a: 'x', b: 1 }],
  ['names that all objects have', '$constructor: String, $toString: Int', { constructor: 'x', toString: 2 }],
  ['such names left out', '$constructor: String, $toString: Int', {}],
  ['a name that is none of an object', '$__proto__: String', JSON.parse('{"__proto__": "x"}')],
  ['a list', '$a: [String!]', { a: 'x' }],
  ['an input object', '$w: DailyRevenueWhere', { w: { source: { eq: 'x' } } }],
  ['none', '$a: String', {}],
]

test.each(given)('variables are those of graphql-js: %s', (_, definitions, values) => {
  const [operation] = parse(`query (${definitions}) { __typename }`).definitions as [OperationDefinitionNode]
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], values)
  // What was read of the operation the first time is used again.
  for (const _time of [1, 2]) {
    const own = variablesOf(schema, operation, values)
    expect(own && Object.entries(own)).toEqual(coerced && Object.entries(coerced))
  }
})

test('what an operation declares is read once', () => {
  const [operation] = parse(`query (${declared}) { __typename }`).definitions as [OperationDefinitionNode]
  let reads = 0
  const counted = Object.defineProperty({ ...operation }, 'variableDefinitions', {
    get() {
      reads += 1
      return operation.variableDefinitions
    },
  })
  for (const _time of [1, 2, 3]) variablesOf(schema, counted, given[0]?.[2] ?? {})
  expect(reads).toBe(1)
})
