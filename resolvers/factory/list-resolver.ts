import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Extensions, Int, Query, Resolver } from 'type-graphql'
import type { RequestContext } from '../context/request-context.js'
import { type GeneratedClass, namedClass } from './classes.js'
import { type FieldResolve, type ListOf, withFacts } from './field-facts.js'

export interface Argument {
  readonly name: string
  readonly type: () => object
  readonly description: string
}

/** A query field that lists something of a model page by page. */
interface ListField {
  readonly name: string
  readonly description: string
  readonly connection: GeneratedClass
  readonly args: readonly Argument[]
  read(args: Readonly<Record<string, unknown>>, context: RequestContext, info: GraphQLResolveInfo): Promise<object>
  /** What is listed, for whoever reads it without pages. */
  readonly list: ListOf
}

/** Under it, in the `extensions` of a query field, stands true where its answer depends on nothing but its arguments, the caller, and builds. */
export const fromBuilds = 'goldgateFromBuilds'

/** The class of resolvers with this query field. */
export function listResolver({ name, description, connection, args, read, list }: ListField): GeneratedClass {
  const target = namedClass(`${name}Resolver`)
  const resolve: FieldResolve = (_, given, context, info) => read(given, context, info)
  Object.defineProperty(target.prototype, name, { value: resolve })
  Resolver()(target)
  Query(() => connection, { description })(
    target.prototype,
    name,
    Object.getOwnPropertyDescriptor(target.prototype, name) ?? {},
  )
  Extensions({ [fromBuilds]: true, ...withFacts({ list, resolve }) })(target.prototype, name)
  args.forEach((arg, index) => {
    Arg(arg.name, arg.type, { description: arg.description, nullable: true })(target.prototype, name, index)
  })
  return target
}

export const firstArgument: Argument = {
  name: 'first',
  type: () => Int,
  description:
    'Rows from the beginning, or after `after`. Neither `first` nor `last`: a page of the configured size (50 unless changed). More than the configured maximum (1,000 unless changed) is an error.',
}

export const afterArgument: Argument = {
  name: 'after',
  type: () => String,
  description: 'Rows behind this cursor, read from the build of the cursor.',
}

/** Where a list is read from. */
export const placeArguments: readonly Argument[] = [
  {
    name: 'warehouse',
    type: () => String,
    description: 'The warehouse to read; else the header `x-goldgate-warehouse`, else the default one.',
  },
  { name: 'build', type: () => String, description: 'A retained build to read in place of the published one.' },
]
