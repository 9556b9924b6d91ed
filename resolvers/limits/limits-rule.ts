import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from './limits.js'

interface Size {
  /** Levels of fields; those inside introspection do not count, graphql-js limits them itself. */
  readonly depth: number
  readonly fields: number
  readonly aliases: number
  readonly rootFields: number
}

const nothing: Size = { depth: 0, fields: 0, aliases: 0, rootFields: 0 }

/** A validation rule that refuses operations beyond the limits with QUERY_TOO_DEEP or QUERY_TOO_LARGE. */
export function limitsRule(limits: Limits): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    [Kind.DOCUMENT]: (document) => {
      const measure = new Measure((name) => context.getFragment(name) ?? undefined)
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue
        const error = excess(measure.selectionSet(definition.selectionSet), limits)
        if (error) context.reportError(new GraphQLError(error.message, { nodes: definition, originalError: error }))
      }
    },
  })
}

/** Fields that executing a document looks at, fragments wherever they are spread, of all its operations together. */
export function fieldsOf({ definitions }: DocumentNode): number {
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  )
  const measure = new Measure((name) => fragments.get(name))
  return definitions
    .map((each) => (each.kind === Kind.OPERATION_DEFINITION ? measure.selectionSet(each.selectionSet).fields : 0))
    .reduce((sum, fields) => sum + fields, 0)
}

function excess(size: Size, limits: Limits): GoldgateError | undefined {
  if (size.depth > limits.depth) {
    return new GoldgateError(
      'QUERY_TOO_DEEP',
      `The operation is nested deeper than ${limits.depth} levels of fields. Flatten it.`,
    )
  }
  const counts = [
    ['root fields', size.rootFields, limits.rootFields],
    ['aliases', size.aliases, limits.aliases],
    ['fields', size.fields, limits.fields],
  ] as const
  const over = counts.find(([, count, limit]) => count > limit)
  return (
    over &&
    new GoldgateError(
      'QUERY_TOO_LARGE',
      `The operation has more than ${over[2]} ${over[0]}. Split it into several requests.`,
    )
  )
}

/** Counts as the executor would, fragments wherever they are spread, but looks at each fragment once: nested ones multiply. */
class Measure {
  private readonly fragments = new Map<string, Size>()

  constructor(private readonly fragment: (name: string) => FragmentDefinitionNode | undefined) {}

  selectionSet(set: SelectionSetNode): Size {
    let { depth, fields, aliases, rootFields } = nothing
    const names = new Set<string>()
    for (const selection of set.selections) {
      // The same again is compared with all that came before, as one under another name is computed again.
      if (selection.kind === Kind.FIELD) {
        if (selection.alias || names.has(selection.name.value)) aliases += 1
        else names.add(selection.name.value)
      }
      const size =
        selection.kind === Kind.FIELD
          ? this.field(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.selectionSet(selection.selectionSet)
            : this.spread(selection.name.value)
      depth = Math.max(depth, size.depth)
      fields += size.fields
      aliases += size.aliases
      rootFields += size.rootFields
    }
    return { depth, fields, aliases, rootFields }
  }

  private field(field: {
    readonly name: { readonly value: string }
    readonly selectionSet?: SelectionSetNode | undefined
  }): Size {
    const inner = field.selectionSet ? this.selectionSet(field.selectionSet) : nothing
    return {
      depth: field.name.value.startsWith('__') ? 1 : inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases,
      rootFields: 1,
    }
  }

  private spread(name: string): Size {
    const known = this.fragments.get(name)
    if (known) return known
    // A fragment inside itself is another rule's error; here it only must not loop.
    this.fragments.set(name, nothing)
    const fragment = this.fragment(name)
    const size = fragment ? this.selectionSet(fragment.selectionSet) : nothing
    this.fragments.set(name, size)
    return size
  }
}
