import type { GraphQLField, GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql'
import type { LogicalType } from '../../models/types.js'
import type { RequestContext } from '../context/request-context.js'
import type { List } from '../rows/list.js'
import type { Node } from '../rows/nodes.js'

/** The list that a field shows page by page, for whoever reads all of it. */
export type ListOf = (
  args: Readonly<Record<string, unknown>>,
  context: RequestContext,
  info: GraphQLResolveInfo,
) => List

export type FieldResolve = GraphQLFieldResolver<Node, RequestContext, Readonly<Record<string, unknown>>>

/** What a field of the schema knows of itself besides its GraphQL type. */
export interface FieldFacts {
  /** Of its values, where they are values. */
  readonly logicalType?: LogicalType
  readonly list?: ListOf
  /** Answers the field in place of type-graphql's own resolver, which makes instances of classes of all arguments: nothing here needs them. */
  readonly resolve?: FieldResolve
}

const key = 'goldgate'

/** As extensions of a field. */
export const withFacts = (facts: FieldFacts): Record<string, FieldFacts> => ({ [key]: facts })

/** Nothing for a field that was not made here. */
export function factsOf(field: GraphQLField<unknown, unknown>): FieldFacts {
  const facts: FieldFacts | undefined = field.extensions[key] as FieldFacts | undefined
  return facts ?? {}
}
