import { Arg, Extensions, FieldResolver, Int, Resolver } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import { typeNameOf } from '../naming/fields.js'
import { defaultListSize } from '../relations/many.js'
import { readRelation } from '../relations/read-relation.js'
import type { Relation } from '../relations/relations.js'
import type { FieldColumns } from '../rows/nodes.js'
import { type GeneratedClass, namedClass } from './classes.js'
import { type FieldResolve, withFacts } from './field-facts.js'
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
  const resolve: FieldResolve = (node, given, context, info) =>
    readRelation(relation, fields, node, given, context, info)
  Object.defineProperty(prototype, field, { value: resolve })
  const settings = { description, nullable: kind !== 'many' }
  FieldResolver(() => type, settings)(prototype, field, Object.getOwnPropertyDescriptor(prototype, field) ?? {})
  Extensions(withFacts({ resolve }))(prototype, field)
  args.forEach((arg, i) => {
    Arg(arg.name, arg.type, { description: arg.description, nullable: true })(prototype, field, i)
  })
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
