import { buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from './limits.js'
import { limitsRule } from './limits-rule.js'
import { checkSourceDepth } from './source-depth.js'
import { checkVariables } from './variables.js'

const schema = buildSchema('type Query { a: Query b: String }')
const limits = { ...defaultLimits, depth: 4, rootFields: 3, aliases: 5, fields: 20 }

function codesOf(source: string): unknown[] {
  const errors = validate(schema, parse(source), [limitsRule(limits)])
  return errors.map((error) => (error.originalError as { code?: unknown } | undefined)?.code)
}
const nested = (depth: number): string => `${'{ a '.repeat(depth - 1)}{ b }${' }'.repeat(depth - 1)}`

describe('the limits of an operation', () => {
  test('refuse what is nested deeper, and nothing at the limit', () => {
    expect(codesOf(nested(4))).toEqual([])
    expect(codesOf(nested(5))).toEqual(['QUERY_TOO_DEEP'])
  })

  test('count through fragments, wherever they are spread', () => {
    expect(codesOf('{ a { ...F } } fragment F on Query { a { a { ...G } } } fragment G on Query { a { b } }')).toEqual([
      'QUERY_TOO_DEEP',
    ])
    expect(codesOf('{ ...F ...G } fragment F on Query { a { b } c: b } fragment G on Query { d: b e: b }')).toEqual([
      'QUERY_TOO_LARGE',
    ])
    expect(codesOf('{ a { ... on Query { a { ... { a { a { b } } } } } } }')).toEqual(['QUERY_TOO_DEEP'])
  })

  test('refuse more aliases, root fields and fields', () => {
    expect(codesOf('{ a { x: b y: b z: b u: b v: b } }')).toEqual([])
    expect(codesOf('{ a { x: b y: b z: b u: b v: b w: b } }')).toEqual(['QUERY_TOO_LARGE'])
    expect(codesOf('{ b b b b }')).toEqual(['QUERY_TOO_LARGE'])
    expect(codesOf('{ a { b b b b b b } }')).toEqual([])
    expect(codesOf('{ a { b b b b b b b } }')).toEqual(['QUERY_TOO_LARGE'])
    expect(codesOf(`{ a { ${'b '.repeat(20)} } }`)).toEqual(['QUERY_TOO_LARGE'])
  })

  test('measure fragments that multiply without following them', () => {
    const levels = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { a { b } ...F${i + 1} ...F${i + 1} }`)
    expect(codesOf(`{ a { ...F0 } } ${levels.join(' ')} fragment F60 on Query { b }`)).toEqual(['QUERY_TOO_LARGE'])
  })

  test('do not loop over a fragment in itself, nor stop at an unknown one', () => {
    expect(codesOf('{ ...F ...Nowhere } fragment F on Query { a { ...F } }')).toEqual([])
  })

  test('hold for every operation of a document, with one error each', () => {
    expect(codesOf(`query A ${nested(5)} query B ${nested(4)} query C ${nested(9)}`)).toEqual([
      'QUERY_TOO_DEEP',
      'QUERY_TOO_DEEP',
    ])
  })

  test('let introspection pass under the default limits', () => {
    const document = parse(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }))
    expect(validate(schema, document, [...specifiedRules, limitsRule({ ...defaultLimits, depth: 2 })])).toEqual([])
  })
})

describe('the depth of variables', () => {
  const nestedJson = (depth: number): unknown => JSON.parse(`${'{"not":'.repeat(depth)}1${'}'.repeat(depth)}`)

  test('is limited without recursion', () => {
    expect(() => checkVariables(nestedJson(32), defaultLimits)).not.toThrow()
    expect(() => checkVariables(nestedJson(33), defaultLimits)).toThrow(
      expect.objectContaining({ code: 'QUERY_TOO_DEEP' }),
    )
    expect(() => checkVariables(nestedJson(100_000), defaultLimits)).toThrow(
      expect.objectContaining({ code: 'QUERY_TOO_DEEP' }),
    )
    expect(() => checkVariables(undefined, defaultLimits)).not.toThrow()
  })

  test('hold as many values as a question needs, and no more', () => {
    const limits = { ...defaultLimits, variableValues: 100 }
    const list = (length: number) => ({ where: { productId: { in: Array.from({ length }, (_, i) => `P${i}`) } } })
    expect(() => checkVariables(list(97), limits)).not.toThrow()
    expect(() => checkVariables(list(98), limits)).toThrow(expect.objectContaining({ code: 'QUERY_TOO_LARGE' }))
  })
})

describe('the brackets of a query', () => {
  const tooDeep = expect.objectContaining({ code: 'QUERY_TOO_DEEP' })

  test('are counted one in another, of every kind', () => {
    expect(() => checkSourceDepth('{ a(b: [{ c: 1 }]) { d } e { f } }', 4)).not.toThrow()
    expect(() => checkSourceDepth('{ a(b: [{ c: 1 }]) { d } e { f } }', 3)).toThrow(tooDeep)
  })

  test.each([
    '{ a(b: "{{{{") }',
    String.raw`{ a(b: "\"{{") }`.replace('{{', ''),
    String.raw`{ a(b: "\\\"{{{{") }`,
    '{ a(b: """{{ " \\""" {{ """) }',
    '{ a # {{{{ " \n }',
  ])('mean nothing inside strings and comments: %s', (source) => {
    expect(() => checkSourceDepth(source, 2)).not.toThrow()
  })

  test('count again after a string or a comment', () => {
    for (const begin of ['{ a(b: "x") {', '{ a # "\n {', '{ a(b: """x""") {'])
      expect(() => checkSourceDepth(`${begin} b { c } } }`, 2)).toThrow(tooDeep)
  })
})
