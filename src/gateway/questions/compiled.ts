import { type DocumentNode, type ExecutionResult, Kind } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { LRUCache } from 'lru-cache'
import { fieldsOf, type RequestContext } from '../../../resolvers/index.js'
import type { Variables } from './arguments.js'
import { bareSchema } from './bare-schema.js'
import type { PreparedDocument } from './contract.js'
import { serializersOf, withOrigin } from './error-origin.js'
import { isSpecial } from './special.js'

/** What clients write may not fill the memory: a compiled form takes some two kilobytes for each field, and a third of a millisecond to make. */
const maxBytes = 64 * 2 ** 20
const bytesPerField = 2_500
/** Documents with more are left to graphql-js: compiling them would hold up everybody. */
const maxFields = 150
/** Most documents of an explorer are asked once or twice, and compiling costs more than that answer. */
const timesBefore = 2

/** How often it came, until it is decided. */
type State = number | 'interpreted'

/**
 * Documents that come again, as functions made by graphql-jit: graphql-js looks at each field of each row anew. What a client sees is the same: variables
 * and arguments are those of graphql-js, and documents that the two may treat differently are left to it.
 */
export class CompiledDocuments {
  private readonly states = new WeakMap<PreparedDocument, State>()
  private readonly compiled = new LRUCache<PreparedDocument, CompiledQuery>({ maxSize: maxBytes })

  /** Undefined for what graphql-js has to execute: nothing was executed yet. */
  execute(
    document: PreparedDocument,
    context: RequestContext,
    variables: Variables,
  ): Promise<ExecutionResult> | undefined {
    const known = this.compiled.get(document)
    if (known) return this.run(known, context, variables)
    const state = this.states.get(document) ?? 0
    if (state === 'interpreted') return undefined
    if (state < timesBefore) {
      this.states.set(document, state + 1)
      return undefined
    }
    const fields = fieldsOf(document.document)
    const compiled = fields > maxFields ? undefined : compile(document)
    if (!compiled) {
      this.states.set(document, 'interpreted')
      return undefined
    }
    this.compiled.set(document, compiled, { size: document.bytes + fields * bytesPerField })
    return this.run(compiled, context, variables)
  }

  private async run({ query }: CompiledQuery, context: RequestContext, variables: Variables): Promise<ExecutionResult> {
    const result = await query(variables, context, {})
    return result.errors ? { ...result, errors: result.errors.map(withOrigin) } : result
  }
}

/** Undefined for a document that is left to graphql-js. */
function compile({ document, schema }: PreparedDocument): CompiledQuery | undefined {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  if (operations.length !== 1 || isSpecial(document)) return undefined
  const compiled = compileQuery(bareSchema(schema), withoutVariables(document), undefined, {
    disablingCapturingStackErrors: true,
    customSerializers: serializersOf(schema),
  })
  return isCompiledQuery(compiled) ? compiled : undefined
}

const withoutVariables = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? { ...definition, variableDefinitions: [] } : definition,
  ),
})
