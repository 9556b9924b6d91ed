import { Int } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import { fieldOf, rowsFieldOf } from '../naming/fields.js'
import { readConnection, rowsList } from '../rows/connection.js'
import type { FieldColumns } from '../rows/nodes.js'
import type { GeneratedClass } from './classes.js'
import { type Argument, afterArgument, firstArgument, listResolver, placeArguments } from './list-resolver.js'
import type { ModelTypes } from './model-types.js'

/** The class of resolvers with the model's query field of rows. */
export function rowsResolver(model: GoldModel, types: ModelTypes, fields: FieldColumns): GeneratedClass {
  return listResolver({
    name: rowsFieldOf(model),
    description: `${model.description} ${defaultOrderOf(model)}`,
    connection: types.connection,
    args: [
      ...questionArguments(types),
      firstArgument,
      afterArgument,
      {
        name: 'last',
        type: () => Int,
        description: 'Rows from the end, or before `before`, still in the order asked for.',
      },
      {
        name: 'before',
        type: () => String,
        description: 'Rows in front of this cursor, read from the build of the cursor.',
      },
      ...placeArguments,
    ],
    list: (args, context, info) => rowsList(model, fields, args, context, info),
    read: (args, context, info) => readConnection(model, fields, args, context, info),
  })
}

/** What is asked of rows, wherever they are listed. */
export const questionArguments = (types: ModelTypes): readonly Argument[] => [
  { name: 'where', type: () => types.where, description: 'Which rows; all of them when left out.' },
  {
    name: 'orderBy',
    type: () => [types.order],
    description: 'The order, the most important term first. The key follows as the tie-break.',
  },
]

export function defaultOrderOf(model: GoldModel): string {
  const terms = model.defaultOrder.map(
    ({ column, direction }) => `${fieldOf(column)} ${direction === 'asc' ? 'ascending' : 'descending'}`,
  )
  return `Ordered by ${[...terms, 'then the key'].join(', ')} unless \`orderBy\` says otherwise.`
}
