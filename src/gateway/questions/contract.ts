import type { DocumentNode, GraphQLFormattedError, GraphQLSchema } from 'graphql'
import type { Access, RequestFacts } from '../../../resolvers/index.js'
import type { Caller } from '../callers/caller.js'

/** A document that was parsed, validated and measured against the limits once, for all who have the same schema and limits. */
export interface PreparedDocument {
  readonly document: DocumentNode
  /** The schema that it was validated against, and is executed on. */
  readonly schema: GraphQLSchema
  /** SHA-256 of its text, the version of the program, the schema and the limits, in hexadecimal digits; part of the keys of caches and of ETags. */
  readonly hash: string
  /** Whether its answers depend on nothing but variables, caller and builds, so that they may be kept. */
  readonly fromBuilds: boolean
  /** Memory that it takes, roughly. A cache that has it as a key holds it too, and counts that. */
  readonly bytes: number
}

export type Preparation =
  | { readonly prepared: PreparedDocument }
  /** As a client sees them: already formatted. */
  | { readonly errors: readonly GraphQLFormattedError[] }

/** A question in GraphQL, however it came: to /graphql, as a stored operation, as an export. */
export interface Question {
  readonly document: PreparedDocument
  readonly operationName?: string | undefined
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly caller: Caller
  /** What its request says besides. */
  readonly facts: RequestFacts
}

/** An answer as JSON text in two parts: what a cache may keep, and `extensions`, which are written fresh around it. */
export interface Answer {
  /** HTTP: 200, also with errors of fields; 400 where nothing was executed. */
  readonly status: number
  /** `"errors":[…],"data":…`, without the braces around them, as it is sent. */
  readonly body: Buffer
  /** What stands under `extensions`, as JSON text. */
  readonly extensions: string
  /** Whether there are errors in it. */
  readonly failed: boolean
  /** Nothing that was begun for it is still at work. */
  readonly settled: boolean
  /** The whole answer, where it is kept as it is sent. */
  readonly whole?: Buffer
  /** The value of an `ETag` for it; undefined for answers that may be different the next time. */
  etag(): string | undefined
}

/** Answers questions of GraphQL outside of Apollo's machinery. One for the whole gateway. */
export interface Answerer {
  prepare(text: string, access: Access): Preparation
  answer(question: Question): Promise<Answer>
  /** The `ETag` in an `If-None-Match` whose answer is the one that the question has now. Reads no warehouse. */
  unchanged(question: Question, ifNoneMatch: string): Promise<string | undefined>
}

/** The whole answer, as it is sent. */
export const wholeOf = ({ body, extensions, whole }: Pick<Answer, 'body' | 'extensions' | 'whole'>): Buffer =>
  whole ?? Buffer.concat([openBrace, body, Buffer.from(`,"extensions":${extensions}}\n`)])

const openBrace = Buffer.from('{')
