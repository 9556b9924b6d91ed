import { buildSchema, type GraphQLResolveInfo, graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { readSelection, type Selection } from './selection.js'

const schema = buildSchema(`
  type Row { a: String b: String c: String }
  type Edge { cursor: String node: Row }
  type PageInfo { hasNextPage: Boolean endCursor: String }
  type Connection { nodes: [Row] edges: [Edge] pageInfo: PageInfo totalCount: Int }
  type Query { rows: Connection }
`)

async function select(source: string, variableValues: Record<string, unknown> = {}): Promise<Selection[]> {
  const seen: Selection[] = []
  const rows = (_: unknown, __: unknown, info: GraphQLResolveInfo) => {
    seen.push(readSelection(info))
    return null
  }
  const { errors } = await graphql({ schema, source, variableValues, rootValue: { rows } })
  expect(errors).toBeUndefined()
  return seen
}

async function fieldsOf(source: string, variables?: Record<string, unknown>): Promise<string[]> {
  const [selection] = await select(source, variables)
  return [...(selection?.fields ?? [])].sort()
}

describe('the selection of a connection', () => {
  test('is that of nodes and edges together, aliases and repeated fields merged', async () => {
    expect(await fieldsOf('{ rows { nodes { x: a } more: nodes { a } edges { e: node { c } node { c } } } }')).toEqual([
      'a',
      'c',
    ])
    expect(await fieldsOf('{ rows { nodes { a } } rows { nodes { b } } }')).toEqual(['a', 'b'])
  })

  test('reaches through named and inline fragments', async () => {
    const source = `query { ...Q }
      fragment Q on Query { rows { ...C ... on Connection { edges { node { ... { c } } } } } }
      fragment C on Connection { nodes { ...R } }
      fragment R on Row { a }`
    expect(await fieldsOf(source)).toEqual(['a', 'c'])
  })

  test('follows @include and @skip, on fields and on fragments', async () => {
    const source = `query ($yes: Boolean!, $no: Boolean = false) {
      rows { nodes { a @include(if: $yes) b @include(if: $no) ...R @skip(if: $yes) } totalCount @skip(if: $yes) edges @include(if: $no) { cursor } }
    } fragment R on Row { c }`
    expect(await fieldsOf(source, { yes: true })).toEqual(['a'])
    expect(await select(source, { yes: true })).toMatchObject([{ rows: true, edges: false, totalCount: false }])
    expect(await fieldsOf(source, { yes: false })).toEqual(['c'])
    expect(await select(source, { yes: false })).toMatchObject([{ totalCount: true }])
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'name', 'alias_a'])(
    'keeps what an alias %s stands for',
    async (alias) => {
      expect(await fieldsOf(`{ rows { nodes { ${alias}: a b } } }`)).toEqual(['a', 'b'])
      expect(await fieldsOf(`{ ${alias}: rows { ${alias}: nodes { ${alias}: a } } }`)).toEqual(['a'])
      expect(await select(`{ ${alias}: rows { ${alias}: totalCount } }`)).toMatchObject([
        { totalCount: true, rows: false },
      ])
    },
  )

  test('reads rows for pageInfo and cursors, and none for a count or a type name', async () => {
    expect(await select('{ rows { pageInfo { endCursor } } }')).toMatchObject([
      { rows: true, edges: false, totalCount: false },
    ])
    expect(await select('{ rows { edges { cursor } } }')).toMatchObject([{ rows: true, edges: true }])
    expect(await select('{ rows { nodes { __typename } } }')).toMatchObject([{ rows: true }])
    expect(await select('{ rows { totalCount } }')).toMatchObject([{ rows: false, totalCount: true }])
    expect(await select('{ rows { __typename pageInfo { __typename } } }')).toMatchObject([
      { rows: false, totalCount: false },
    ])
  })
})
