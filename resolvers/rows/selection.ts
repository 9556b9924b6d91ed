import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  visit,
} from 'graphql'
import { parseResolveInfo } from 'graphql-parse-resolve-info'

/** What of a connection was asked for: fragments, aliases, @include and @skip resolved. */
export interface Selection {
  /** Fields of a row, of `nodes` and `edges.node` together. */
  readonly fields: ReadonlySet<string>
  /** Whether any row must be read. */
  readonly rows: boolean
  readonly edges: boolean
  readonly totalCount: boolean
}

interface Tree {
  readonly name: string
  readonly fieldsByTypeName: Readonly<Record<string, Readonly<Record<string, Tree>>>>
}

export function readSelection(info: GraphQLResolveInfo): Selection {
  const root = parseResolveInfo(withPlainAliases(info)) as Tree | null | undefined
  const connection = root ? children(root) : []
  const edges = named(connection, 'edges')
  const rows = [...named(connection, 'nodes'), ...edges.flatMap((edge) => named(children(edge), 'node'))]
  const pageInfo = named(connection, 'pageInfo').some((tree) => children(tree).length > 0)
  return {
    fields: new Set(rows.flatMap((row) => children(row).map((field) => field.name))),
    rows: named(connection, 'nodes').length > 0 || edges.length > 0 || pageInfo,
    edges: edges.length > 0,
    totalCount: named(connection, 'totalCount').length > 0,
  }
}

const children = (tree: Tree): Tree[] => Object.values(tree.fieldsByTypeName).flatMap((fields) => Object.values(fields))
const named = (trees: readonly Tree[], name: string): Tree[] => trees.filter((tree) => tree.name === name)

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
