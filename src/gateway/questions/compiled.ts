import { type DocumentNode, type ExecutionResult, Kind, visit } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { LRUCache } from 'lru-cache'
import type { RequestContext } from '../../../resolvers/index.js'
import { bareSchema, type Variables } from './bare-schema.js'
import type { PreparedDocument } from './contract.js'
import { serializersOf, withOrigin } from './error-origin.js'

/** Documents whose state is kept: what clients write fills no memory. */
const maxDocuments = 500
/** Longer documents are generated, and the time to compile grows with them. */
const maxCharacters = 20_000

type State = 'seen once' | 'interpreted' | CompiledQuery

/**
 * Documents that come again, as functions made by graphql-jit: graphql-js looks at each field of each row anew. What a client sees is the same: variables
 * and arguments are those of graphql-js, and documents that the two may treat differently are left to it.
 */
export class CompiledDocuments {
  private readonly states = new LRUCache<PreparedDocument, State>({ max: maxDocuments })

  /** Undefined for what graphql-js has to execute: nothing was executed yet. */
  execute(
    document: PreparedDocument,
    context: RequestContext,
    variables: Variables,
  ): Promise<ExecutionResult> | undefined {
    const state = this.states.get(document)
    if (state === undefined) {
      // Most documents of an explorer are asked once, and compiling costs more than that one answer.
      this.states.set(document, 'seen once')
      return undefined
    }
    const now = state === 'seen once' ? compile(document) : state
    if (now !== state) this.states.set(document, now)
    return typeof now === 'string' ? undefined : this.run(now, context, variables)
  }

  private async run({ query }: CompiledQuery, context: RequestContext, variables: Variables): Promise<ExecutionResult> {
    const result = await query(variables, context, {})
    return result.errors ? { ...result, errors: result.errors.map(withOrigin) } : result
  }
}

function compile({ document, schema }: PreparedDocument): State {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const tooLong = (document.loc?.end ?? Number.POSITIVE_INFINITY) > maxCharacters
  if (operations.length !== 1 || tooLong || isSpecial(document)) return 'interpreted'
  const compiled = compileQuery(bareSchema(schema), withoutVariables(document), undefined, {
    disablingCapturingStackErrors: true,
    customSerializers: serializersOf(schema),
  })
  return isCompiledQuery(compiled) ? compiled : 'interpreted'
}

/** Whether it has a directive, which graphql-jit notes in the document itself, or asks the schema, or has an alias like `__proto__`. */
function isSpecial(document: DocumentNode): boolean {
  let special = false
  visit(document, {
    Directive: () => {
      special = true
    },
    Name: ({ value }) => {
      special ||= value.startsWith('__') && value !== '__typename'
    },
  })
  return special
}

const withoutVariables = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? { ...definition, variableDefinitions: [] } : definition,
  ),
})
