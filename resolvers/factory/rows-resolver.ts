import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, Info, Int, Query, Resolver } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import type { RequestContext } from '../context/request-context.js'
import { columnsByField, fieldOf, rowsFieldOf, typeNameOf } from '../naming/fields.js'
import { type RowsArguments, readConnection } from '../rows/connection.js'
import { type GeneratedClass, namedClass } from './classes.js'
import type { ModelTypes } from './model-types.js'

interface Argument {
  readonly name: keyof RowsArguments
  readonly type: () => object
  readonly description: string
}

/** The class of resolvers with the model's query field of rows. */
export function rowsResolver(model: GoldModel, types: ModelTypes): GeneratedClass {
  const target = namedClass(`${typeNameOf(model)}RowsResolver`)
  const method = rowsFieldOf(model)
  const args = rowsArguments(types)
  const columns = columnsByField(model)

  Object.defineProperty(target.prototype, method, {
    value: (...values: unknown[]) => {
      const [context, info] = values.slice(args.length) as [RequestContext, GraphQLResolveInfo]
      const given = Object.fromEntries(args.map(({ name }, i) => [name, values[i]])) as RowsArguments
      return readConnection(model, columns, given, context, info)
    },
  })
  Resolver()(target)
  Query(() => types.connection, { description: `${model.description} ${defaultOrderOf(model)}` })(
    target.prototype,
    method,
    Object.getOwnPropertyDescriptor(target.prototype, method) ?? {},
  )
  args.forEach(({ name, type, description }, index) => {
    Arg(name, type, { description, nullable: true })(target.prototype, method, index)
  })
  Ctx()(target.prototype, method, args.length)
  Info()(target.prototype, method, args.length + 1)
  return target
}

function rowsArguments(types: ModelTypes): readonly Argument[] {
  return [
    { name: 'where', type: () => types.where, description: 'Which rows; all of them when left out.' },
    {
      name: 'orderBy',
      type: () => [types.order],
      description: 'The order, the most important term first. The key follows as the tie-break.',
    },
    {
      name: 'first',
      type: () => Int,
      description:
        'Rows from the beginning, or after `after`. Neither `first` nor `last`: a page of the configured size (50 unless changed). More than the configured maximum (1,000 unless changed) is an error.',
    },
    { name: 'after', type: () => String, description: 'Rows behind this cursor, read from the build of the cursor.' },
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
    {
      name: 'warehouse',
      type: () => String,
      description: 'The warehouse to read; else the header `x-goldgate-warehouse`, else the default one.',
    },
    { name: 'build', type: () => String, description: 'A retained build to read in place of the published one.' },
  ]
}

function defaultOrderOf(model: GoldModel): string {
  const terms = model.defaultOrder.map(
    ({ column, direction }) => `${fieldOf(column)} ${direction === 'asc' ? 'ascending' : 'descending'}`,
  )
  return `Ordered by ${[...terms, 'then the key'].join(', ')} unless \`orderBy\` says otherwise.`
}
