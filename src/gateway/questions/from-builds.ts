import { type DocumentNode, type GraphQLSchema, Kind, type SelectionSetNode } from 'graphql'
import { fromBuilds } from '../../../resolvers/index.js'

/** Whether all that a document asks depends on nothing but its variables, the caller, and builds: nothing about the pipeline, no introspection. */
export function asksOnlyBuilds(document: DocumentNode, schema: GraphQLSchema): boolean {
  const fields = schema.getQueryType()?.getFields() ?? {}
  const seen = new Set<string>()
  const onlyBuilds = (set: SelectionSetNode): boolean =>
    set.selections.every((selection) => {
      if (selection.kind === Kind.FIELD) return fields[selection.name.value]?.extensions[fromBuilds] === true
      if (selection.kind === Kind.INLINE_FRAGMENT) return onlyBuilds(selection.selectionSet)
      const name = selection.name.value
      if (seen.has(name)) return true
      seen.add(name)
      return document.definitions.some(
        (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name && onlyBuilds(each.selectionSet),
      )
    })
  return document.definitions.every(
    (each) => each.kind !== Kind.OPERATION_DEFINITION || (each.operation === 'query' && onlyBuilds(each.selectionSet)),
  )
}
