import type { GraphQLResolveInfo } from 'graphql'
import type { Value } from '../../warehouses/contract/values.js'
import type { Key, ParentsQuestion } from '../context/loaders.js'
import type { RequestContext } from '../context/request-context.js'
import { fieldOf } from '../naming/fields.js'
import { type FieldColumns, type Node, originOf } from '../rows/nodes.js'
import { type ManyArguments, manyQuestion } from './many.js'
import { oneQuestion } from './one.js'
import type { Relation } from './relations.js'
import { totalQuestion } from './total.js'

/**
 * Answers a relation of one row, from the warehouse and the build that the row was read from: together with all other rows that ask the same, in one
 * statement. A key of which a part is NULL leads nowhere.
 */
export async function readRelation(
  relation: Relation,
  /** Of the model that is read. */
  fields: FieldColumns,
  node: Node,
  args: ManyArguments,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  const key: Key = relation.columns
    .map((column) => (node[fieldOf(column)] ?? null) as Value)
    .filter((value) => value !== null)
  if (key.length < relation.columns.length) return null
  // graphql-js collects the nodes of a field once for all objects of one list.
  const question = context.loaders.question(info.fieldNodes, (): ParentsQuestion => {
    if (relation.kind === 'many') return manyQuestion(relation, fields, args, context, info)
    return relation.kind === 'one'
      ? oneQuestion(relation, fields, context, info)
      : totalQuestion(relation, context, info)
  })
  return context.loaders.load(question, originOf(node), key)
}
