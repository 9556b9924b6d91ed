import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionSetNode,
} from 'graphql'

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>
export type Variables = Readonly<Record<string, unknown>>

/** The fields of one answer below a selection, under their response keys in the order of the answer, as the executor of GraphQL collects them. */
export function collectFields(
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  fragments: Fragments,
  variables: Variables,
): ReadonlyMap<string, readonly FieldNode[]> {
  const found = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const visit = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (isLeftOut(selection, variables)) continue
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value
        found.set(key, [...(found.get(key) ?? []), selection])
        continue
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? once(visited, fragments[selection.name.value]) : selection
      const on = fragment?.typeCondition?.name.value ?? type.name
      if (fragment && on === type.name) visit(fragment.selectionSet)
    }
  }
  for (const set of selections) visit(set)
  return found
}

function once(visited: Set<string>, fragment: FragmentDefinitionNode | undefined): FragmentDefinitionNode | undefined {
  if (!fragment || visited.has(fragment.name.value)) return undefined
  visited.add(fragment.name.value)
  return fragment
}

function isLeftOut(selection: SelectionSetNode['selections'][number], variables: Variables): boolean {
  if (!selection.directives?.length) return false
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables)
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables)
  return skip?.if === true || include?.if === false
}
