import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, FieldResolver, Info, Int, Resolver, Root } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import type { RequestContext } from '../context/request-context.js'
import { typeNameOf } from '../naming/fields.js'
import { defaultListSize } from '../relations/many.js'
import { readRelation } from '../relations/read-relation.js'
import type { Relation } from '../relations/relations.js'
import type { FieldColumns, Node } from '../rows/nodes.js'
import { type GeneratedClass, namedClass } from './classes.js'
import type { GroupTypes } from './group-types.js'
import { type Argument, afterArgument } from './list-resolver.js'
import type { ModelTypes } from './model-types.js'
import { defaultOrderOf, questionArguments } from './rows-resolver.js'

/** What relations need of a model. */
export interface RelatedTypes {
  readonly rows: ModelTypes
  readonly groups: GroupTypes
  readonly fields: FieldColumns
}

/** The class of resolvers with those fields of a model's rows that lead to other rows. */
export function relationsResolver(
  model: GoldModel,
  relations: readonly Relation[],
  typesOf: (model: GoldModel) => RelatedTypes,
): GeneratedClass {
  const target = namedClass(`${typeNameOf(model)}RelationsResolver`)
  Resolver(() => typesOf(model).rows.row)(target)
  for (const relation of relations) addRelation(target, relation, typesOf(relation.model))
  return target
}

function addRelation(target: GeneratedClass, relation: Relation, { rows, groups, fields }: RelatedTypes): void {
  const { kind, field, model } = relation
  const args = kind === 'many' ? [...questionArguments(rows), firstOfEach, afterOfEach] : []
  const type = { one: rows.row, many: rows.connection, total: groups.totals }[kind]
  const description = kind === 'many' ? `${relation.description} ${defaultOrderOf(model)}` : relation.description
  const { prototype } = target
  Object.defineProperty(prototype, field, {
    value: (node: Node, ...values: unknown[]) => {
      const [context, info] = values.slice(args.length) as [RequestContext, GraphQLResolveInfo]
      const given = Object.fromEntries(args.map(({ name }, i) => [name, values[i]]))
      return readRelation(relation, fields, node, given, context, info)
    },
  })
  const settings = { description, nullable: kind !== 'many' }
  FieldResolver(() => type, settings)(prototype, field, Object.getOwnPropertyDescriptor(prototype, field) ?? {})
  Root()(prototype, field, 0)
  args.forEach((arg, i) => {
    Arg(arg.name, arg.type, { description: arg.description, nullable: true })(prototype, field, i + 1)
  })
  Ctx()(prototype, field, args.length + 1)
  Info()(prototype, field, args.length + 2)
}

const firstOfEach: Argument = {
  name: 'first',
  type: () => Int,
  description: `Rows of each list, from its beginning or after \`after\`: ${defaultListSize} unless given. Lists in lists multiply: all relations of one request may read the configured number of rows together (10,000 unless changed), and more is an error.`,
}

const afterOfEach: Argument = {
  ...afterArgument,
  description: 'Rows behind this cursor of the same list of the same row, read from the same build.',
}
