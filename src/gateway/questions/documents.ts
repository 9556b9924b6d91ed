import { hash } from 'node:crypto'
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
  printSchema,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { type Access, checkSourceDepth, GoldgateError, type Limits, toldErrors } from '../../../resolvers/index.js'
import type { Preparation, PreparedDocument } from './contract.js'
import type { ErrorFormat } from './error-format.js'
import { asksOnlyBuilds } from './from-builds.js'
import { ownRules } from './rules.js'

export interface DocumentSettings {
  /** The schema that a caller asks by. The same object as long as it is the same schema. */
  readonly schemaOf: (access: Access) => GraphQLSchema
  readonly introspection: boolean
  readonly errors: ErrorFormat
  /** Of the program: another one may write the same values otherwise. */
  readonly version?: string | undefined
}

/** Memory of a parsed document for each character of its text: 82 of short ones, 84 of long ones. */
const bytesPerCharacter = 85
const maxBytes = 32 * 2 ** 20

/** Of errors of bad documents. */
const maxRefusedBytes = 4 * 2 ** 20
const maxRefusalBytes = 2 ** 17

/** Documents by their text and by what they were held against: the good ones parsed, the bad ones as what is said of them, so that a bad one that comes again costs no parser. */
export class Documents {
  private readonly known = new LRUCache<string, PreparedDocument>({ maxSize: maxBytes })
  private readonly refused = new LRUCache<string, readonly GraphQLFormattedError[]>({
    maxSize: maxRefusedBytes,
    maxEntrySize: maxRefusalBytes,
  })
  private readonly scopes = new WeakMap<GraphQLSchema, WeakMap<Limits, string>>()

  constructor(private readonly settings: DocumentSettings) {}

  prepare(text: string, access: Access): Preparation {
    const schema = this.settings.schemaOf(access)
    const key = `${this.scope(schema, access.limits)} ${text}`
    const known = this.known.get(key)
    if (known) return { prepared: known }
    const refused = this.refused.get(key)
    if (refused) return { errors: refused }
    const read = this.read(text, schema, access.limits)
    if ('errors' in read) {
      const errors = toldErrors(read.errors, (error) => this.settings.errors.format(error))
      this.refused.set(key, errors, { size: 2 * key.length + 2 * JSON.stringify(errors).length })
      return { errors }
    }
    const prepared = {
      document: read.document,
      schema,
      hash: hash('sha256', key),
      fromBuilds: asksOnlyBuilds(read.document, schema),
      bytes: Math.max(1, text.length) * bytesPerCharacter,
    }
    this.known.set(key, prepared, { size: prepared.bytes })
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
    // First what costs little: to find fields that contradict each other takes a second where there are thousands.
    const beyond = validate(schema, document, ownRules(limits, { introspection }))
    const errors = beyond.length > 0 ? beyond : validate(schema, document)
    if (errors.length > 0) return { errors: errors.map((error) => format.coded(error, 'GRAPHQL_VALIDATION_FAILED')) }
    return { document }
  }

  /** Equal for one version of the program, one schema and one set of limits, in every process. */
  private scope(schema: GraphQLSchema, limits: Limits): string {
    let ofSchema = this.scopes.get(schema)
    if (!ofSchema) {
      ofSchema = new WeakMap()
      this.scopes.set(schema, ofSchema)
    }
    let scope = ofSchema.get(limits)
    if (scope === undefined) {
      scope = hash('sha256', JSON.stringify([this.settings.version, printSchema(schema), limits])).slice(0, 16)
      ofSchema.set(limits, scope)
    }
    return scope
  }
}
