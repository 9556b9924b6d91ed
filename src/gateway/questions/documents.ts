import { createHash } from 'node:crypto'
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import { LRUCache } from 'lru-cache'
import { type Access, checkSourceDepth, GoldgateError, type Limits } from '../../../resolvers/index.js'
import type { PreparedDocument } from './contract.js'
import type { ErrorFormat } from './error-format.js'
import { asksOnlyBuilds } from './from-builds.js'
import { rulesOf } from './rules.js'

export interface DocumentSettings {
  /** The schema that a caller asks by. The same object as long as it is the same schema. */
  readonly schemaOf: (access: Access) => GraphQLSchema
  readonly introspection: boolean
  readonly errors: ErrorFormat
}

/** Memory of a parsed document, roughly, for each character of its text. */
const bytesPerCharacter = 60
const maxBytes = 32 * 2 ** 20

type Preparation = { readonly prepared: PreparedDocument } | { readonly errors: readonly GraphQLError[] }

/** Documents that were found good, by their text and by what they were held against. Bad ones are looked at each time. */
export class Documents {
  private readonly known = new LRUCache<string, PreparedDocument>({ maxSize: maxBytes })
  private readonly scopes = new WeakMap<GraphQLSchema, WeakMap<Limits, string>>()
  private scopesMade = 0

  constructor(private readonly settings: DocumentSettings) {}

  prepare(text: string, access: Access): Preparation {
    const schema = this.settings.schemaOf(access)
    const key = `${this.scope(schema, access.limits)} ${text}`
    const known = this.known.get(key)
    if (known) return { prepared: known }
    const read = this.read(text, schema, access.limits)
    if ('errors' in read) return read
    const hash = createHash('sha256').update(text).digest('hex')
    const fromBuilds = asksOnlyBuilds(read.document, schema)
    const prepared = { document: read.document, schema, hash, fromBuilds }
    this.known.set(key, prepared, { size: Math.max(1, text.length) * bytesPerCharacter })
    return { prepared }
  }

  private read(
    text: string,
    schema: GraphQLSchema,
    limits: Limits,
  ): { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] } {
    const { errors: format, introspection } = this.settings
    let document: DocumentNode
    try {
      checkSourceDepth(text, limits.brackets)
      document = parse(text, { maxTokens: limits.tokens })
    } catch (error) {
      if (error instanceof GoldgateError) return { errors: [new GraphQLError(error.message, { originalError: error })] }
      if (!(error instanceof GraphQLError)) throw error
      return { errors: [format.coded(error, 'GRAPHQL_PARSE_FAILED')] }
    }
    const errors = validate(schema, document, rulesOf(limits, { introspection }))
    if (errors.length > 0) return { errors: errors.map((error) => format.coded(error, 'GRAPHQL_VALIDATION_FAILED')) }
    return { document }
  }

  /** Equal for what is one schema and one set of limits. */
  private scope(schema: GraphQLSchema, limits: Limits): string {
    let ofSchema = this.scopes.get(schema)
    if (!ofSchema) {
      ofSchema = new WeakMap()
      this.scopes.set(schema, ofSchema)
    }
    let scope = ofSchema.get(limits)
    if (scope === undefined) {
      this.scopesMade += 1
      scope = String(this.scopesMade)
      ofSchema.set(limits, scope)
    }
    return scope
  }
}
