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
  readonly logicalType?: LogicalType | undefined
  readonly list?: ListOf | undefined
  /** Answers the field in place of type-graphql's own resolver, which makes instances of classes of all arguments: nothing here needs them. */
  readonly resolve?: FieldResolve | undefined
}

/** As extensions of a field. Each has a key of its own: what the declaration of a field says and what its resolver says are put together. */
export const withFacts = (facts: FieldFacts): Record<string, unknown> =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]) => [keyOf(name as keyof FieldFacts), fact]))

/** Nothing for a field that was not made here. */
export function factsOf({ extensions }: GraphQLField<unknown, unknown>): FieldFacts {
  return {
    logicalType: extensions[keyOf('logicalType')] as FieldFacts['logicalType'],
    list: extensions[keyOf('list')] as FieldFacts['list'],
    resolve: extensions[keyOf('resolve')] as FieldFacts['resolve'],
  }
}

const keyOf = (name: keyof FieldFacts): string => `goldgate.${name}`
