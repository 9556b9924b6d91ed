import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import type { KeyDifferences, ModelParity } from '../../warehouses/contract/parity.js'
import type { RequestContext } from '../context/request-context.js'
import { readPage } from '../rows/page.js'
import { type GeneratedClass, namedClass } from './classes.js'
import { parityTypes } from './parity-types.js'

/** A model of a report, with the build that `differingKeys` reads. */
type ModelOfBuild = ModelParity & { readonly build: string }

/** The resolvers of `parity`, and of the keys below its models. */
export function parityResolvers(models: readonly GoldModel[]): readonly [GeneratedClass, GeneratedClass] {
  const types = parityTypes(models)
  const query = namedClass('ParityResolver')
  Object.defineProperty(query.prototype, 'parity', { value: readParity })
  Resolver()(query)
  decorate(query, 'parity', (target, name, descriptor) => {
    Query(() => types.parity, {
      nullable: true,
      description:
        'Whether all warehouses that hold a build have the same rows. The figures are taken when a build is checked, where several warehouses are configured. NULL where no warehouse holds figures of such a build.',
    })(target, name, descriptor)
    Arg('model', () => types.modelName, { nullable: true, description: 'One model; all of them when left out.' })(
      target,
      name,
      0,
    )
    Arg('build', () => String, { nullable: true, description: 'A build; the newest one when left out.' })(
      target,
      name,
      1,
    )
    Ctx()(target, name, 2)
  })

  const below = namedClass('ModelParityResolver')
  Object.defineProperty(below.prototype, 'differingKeys', { value: readDifferingKeys })
  Resolver(() => types.modelParity)(below)
  decorate(below, 'differingKeys', (target, name, descriptor) => {
    FieldResolver(() => [types.keyDifferences], {
      description:
        'The keys whose rows are not the same, for each warehouse that differs from the first. Reads the warehouses when it is selected.',
    })(target, name, descriptor)
    Root()(target, name, 0)
    Arg('first', () => Int, { defaultValue: 20, description: 'At most so many keys for each warehouse.' })(
      target,
      name,
      1,
    )
    Ctx()(target, name, 2)
  })
  return [query, below]
}

async function readParity(model: string | undefined, build: string | undefined, context: RequestContext) {
  const report = await context.parity(build ?? undefined, model ?? undefined)
  if (!report) return null
  const { buildId, models, ...rest } = report
  return {
    ...rest,
    build: buildId,
    models: models.map(({ figures, ...each }) => ({
      ...each,
      build: buildId,
      figures: figures.map(({ sums, ...own }) => ({
        ...own,
        sums: Object.entries(sums).map(([measure, sum]) => ({ measure, sum })),
      })),
    })),
  }
}

async function readDifferingKeys({ build, model, equal }: ModelOfBuild, first: number, context: RequestContext) {
  const { size } = readPage({ first }, context.limits)
  return equal ? [] : (await context.differingKeys(build, model, size)).map(keysOf)
}

const keysOf = ({ keys, ...rest }: KeyDifferences) => ({
  ...rest,
  keys: keys.map(({ key, ...each }) => ({
    ...each,
    key: Object.entries(key).map(([column, value]) => ({ column, value })),
  })),
})

function decorate(
  target: GeneratedClass,
  name: string,
  apply: (prototype: object, name: string, descriptor: PropertyDescriptor) => void,
): void {
  apply(target.prototype, name, Object.getOwnPropertyDescriptor(target.prototype, name) ?? {})
}
