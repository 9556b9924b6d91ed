import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  visit,
} from 'graphql'
import { parseResolveInfo } from 'graphql-parse-resolve-info'
import { hasVariables } from './has-variables.js'

/** What of a connection was asked for: fragments, aliases, @include and @skip resolved. */
export interface Selection {
  /** Fields of a row, of `nodes` and `edges.node` together. */
  readonly fields: ReadonlySet<string>
  /** Whether any row must be read. */
  readonly rows: boolean
  readonly edges: boolean
  readonly totalCount: boolean
}

/** A selected field with what is selected below it. */
export interface Tree {
  readonly name: string
  /** As its resolver gets them: variables and defaults put in. */
  readonly args: Readonly<Record<string, unknown>>
  readonly fieldsByTypeName: Readonly<Record<string, Readonly<Record<string, Tree>>>>
}

/** By the tree that they were read of, which is the same each time where it is constant. */
const known = new WeakMap<readonly Tree[], Selection>()

export function readSelection(info: GraphQLResolveInfo): Selection {
  const connection = selectionTree(info)
  const found = known.get(connection)
  if (found) return found
  const rows = rowTrees(connection)
  const selection = {
    fields: new Set(rows.flatMap((row) => children(row).map((field) => field.name))),
    ...readParts(connection),
  }
  known.set(connection, selection)
  return selection
}

/** What of a connection must be read, apart from the fields of its rows. */
export function readParts(connection: readonly Tree[]): Omit<Selection, 'fields'> {
  const edges = named(connection, 'edges').length > 0
  const pageInfo = named(connection, 'pageInfo').some((tree) => children(tree).length > 0)
  return {
    rows: named(connection, 'nodes').length > 0 || edges || pageInfo,
    edges,
    totalCount: named(connection, 'totalCount').length > 0,
  }
}

/** Of fields below which no variable stands: a document is executed many times, and its selection is the same each time. */
const constant = new WeakMap<FieldNode, readonly Tree[]>()
const varying = new WeakSet<FieldNode>()

/** The fields that are selected of the field of `info`. */
export function selectionTree(info: GraphQLResolveInfo): readonly Tree[] {
  const [node, ...more] = info.fieldNodes
  const tree = node && constant.get(node)
  if (tree && more.length === 0) return tree
  const root = parseResolveInfo(withPlainAliases(info)) as Tree | null | undefined
  const read = root ? children(root) : []
  if (node && more.length === 0 && !varying.has(node)) {
    if (hasVariables([...(node.selectionSet ? [node.selectionSet] : []), ...Object.values(info.fragments)]))
      varying.add(node)
    else constant.set(node, read)
  }
  return read
}

/** `nodes` and `edges.node` of a connection, as often as they are selected under other names. */
export const rowTrees = (connection: readonly Tree[]): Tree[] => [
  ...named(connection, 'nodes'),
  ...named(connection, 'edges').flatMap((edge) => named(children(edge), 'node')),
]

export const children = (tree: Tree): Tree[] =>
  Object.values(tree.fieldsByTypeName).flatMap((fields) => Object.values(fields))
export const named = (trees: readonly Tree[], name: string): Tree[] => trees.filter((tree) => tree.name === name)

/**
 * graphql-parse-resolve-info keeps fields by alias in plain objects, so an alias such as `constructor` or `__proto__` is taken
 * for present and its field is lost. With a prefix no alias is the name of something that every object has.
 */
function withPlainAliases(info: GraphQLResolveInfo): GraphQLResolveInfo {
  return {
    ...info,
    fieldNodes: info.fieldNodes.map(prefixAliases),
    fragments: Object.fromEntries(
      Object.entries(info.fragments).map(([name, fragment]) => [name, prefixAliases(fragment)]),
    ),
  }
}

function prefixAliases<Node extends FieldNode | FragmentDefinitionNode | DocumentNode>(node: Node): Node {
  return visit(node, {
    [Kind.FIELD]: (field) =>
      field.alias ? { ...field, alias: { ...field.alias, value: `alias_${field.alias.value}` } } : undefined,
  })
}
