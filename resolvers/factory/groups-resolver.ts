import { Arg, Extensions, FieldResolver, Resolver } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import { groupsList, nodeKey, readGroups } from '../groups/connection.js'
import { groupedMeasures, isDate, isSum } from '../groups/measures.js'
import { fieldOf, groupsFieldOf, typeNameOf } from '../naming/fields.js'
import type { Node } from '../rows/nodes.js'
import { type GeneratedClass, namedClass } from './classes.js'
import { type FieldResolve, withFacts } from './field-facts.js'
import { formEnum, type GroupTypes, grainEnum } from './group-types.js'
import { afterArgument, firstArgument, listResolver, placeArguments } from './list-resolver.js'
import type { ModelTypes } from './model-types.js'

/** The classes of resolvers with the model's query field of groups, and with those fields of a group that take arguments. */
export function groupsResolvers(
  model: GoldModel,
  rows: Pick<ModelTypes, 'where'>,
  types: GroupTypes,
  compareTo: GeneratedClass,
): readonly GeneratedClass[] {
  const query = listResolver({
    name: groupsFieldOf(model),
    description:
      `${typeNameOf(model)} rows, grouped by the dimensions that are selected, with the selected measures added up by their own rules. ` +
      'No dimension: the grand total. Dates come newest first, then the other dimensions in their order, unless `orderBy` says otherwise.',
    connection: types.connection,
    args: [
      { name: 'where', type: () => rows.where, description: 'Which rows are added up; all of them when left out.' },
      { name: 'having', type: () => types.having, description: 'Which groups are shown, by their measures.' },
      {
        name: 'orderBy',
        type: () => [types.order],
        description: 'The order, the most important term first. All dimensions follow as the tie-break.',
      },
      {
        name: 'compareTo',
        type: () => compareTo,
        description: 'Another time, whose figures `previous`, `change` and `changeRatio` show beside each group.',
      },
      {
        name: 'fill',
        type: () => Boolean,
        description:
          'True: periods of the selected date that have no rows are shown too, with sums of 0 and other measures NULL, for each combination of the other dimensions that there is. From the range in `where`, else from the first to the last period with rows.',
      },
      firstArgument,
      afterArgument,
      ...placeArguments,
    ],
    list: (args, context, info) => groupsList(model, args, context, info).list,
    read: (args, context, info) => readGroups(model, args, context, info),
  })
  return [query, groupFieldsResolver(model, types)]
}

/** What a field of a group shows depends on its arguments; the node holds each variant that is selected under a name of its own. */
function groupFieldsResolver(model: GoldModel, { group }: GroupTypes): GeneratedClass {
  const target = namedClass(`${typeNameOf(model)}GroupResolver`)
  Resolver(() => group)(target)
  for (const column of model.columns) {
    if (column.role !== 'dimension' || !isDate(column)) continue
    const field = fieldOf(column)
    variantField(target, field, (node, grain) => node[nodeKey(field, grain)] ?? null, {
      ...{ name: 'grain', type: grainEnum, defaultValue: grainEnum.DAY },
      description:
        'The period that the date is cut to. The same date with two grains, under two aliases, is two dimensions.',
    })
  }
  for (const measure of groupedMeasures(model).filter(isSum)) {
    const field = fieldOf(measure)
    const read = (node: Node, form: string) => node[form === formEnum.VALUE ? field : nodeKey(field, form)] ?? null
    variantField(target, field, read, {
      ...{ name: 'as', type: formEnum, defaultValue: formEnum.VALUE },
      description: 'What is shown of the sum.',
    })
  }
  return target
}

interface VariantArgument {
  readonly name: string
  readonly type: object
  readonly defaultValue: string
  readonly description: string
}

function variantField(
  target: GeneratedClass,
  field: string,
  read: (node: Node, variant: string) => unknown,
  { name, type, ...settings }: VariantArgument,
): void {
  const resolve: FieldResolve = (node, given) => read(node, String(given[name]))
  Object.defineProperty(target.prototype, field, { value: resolve })
  FieldResolver()(target.prototype, field, Object.getOwnPropertyDescriptor(target.prototype, field) ?? {})
  Extensions(withFacts({ resolve }))(target.prototype, field)
  Arg(name, () => type, settings)(target.prototype, field, 0)
}
