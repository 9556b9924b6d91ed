import type { GoldColumn, GoldModel } from '../../models/types.js'
import type { Random } from '../../pipeline/sources/demo/random.js'

export type Condition =
  | { readonly column: GoldColumn; readonly op: string; readonly value: string | boolean | readonly string[] }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly none: Condition }

export interface Term {
  readonly column: GoldColumn
  readonly descending: boolean
  readonly nullsFirst: boolean
}

type Grain = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'

/** A question of one model, as no language has it yet: GraphQL and plain SQL are both written from it. */
export interface Question {
  readonly model: GoldModel
  readonly where?: Condition
  /** What of each row is shown; of groups, dimensions first. */
  readonly shown: readonly { readonly column: GoldColumn; readonly grain?: Grain }[]
  readonly grouped: boolean
  readonly having?: Condition
  /** Total: rows end with their grain, groups with their dimensions. */
  readonly order: readonly Term[]
  readonly pageSize: number
  readonly pages: number
}

/** Text of a value of the column that some row has; undefined where none has one. */
export type Sample = (model: GoldModel, column: GoldColumn) => string | undefined

const grains: readonly Grain[] = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR']

export function randomQuestion(models: readonly GoldModel[], random: Random, sample: Sample): Question {
  const model = random.pick(models)
  const where = random.below(5) === 0 ? undefined : condition(model, model.columns, random, sample, 2)
  const base = { model, ...(where && { where }), pageSize: 1 + random.below(25), pages: 1 + random.below(3) }
  return random.below(2) === 0 ? rows(base, random) : groups(base, random, sample)
}

type Base = Pick<Question, 'model' | 'where' | 'pageSize' | 'pages'>

function rows(base: Base, random: Random): Question {
  const { model } = base
  const shown = some(model.columns, random)
  const grain = model.columns.filter(({ name }) => model.grain.includes(name))
  return {
    ...base,
    grouped: false,
    shown: shown.map((column) => ({ column })),
    order: order(model.columns, grain, random),
  }
}

function groups(base: Base, random: Random, sample: Sample): Question {
  const { model } = base
  const dimensions = model.columns.filter(({ role }) => role === 'dimension').filter(() => random.below(3) === 0)
  const measures = some(
    model.columns.filter((column) => column.role === 'measure' && column.adds.how !== 'rowOnly'),
    random,
  )
  const shown = [
    ...dimensions.map((column) => (column.type.kind === 'date' ? { column, grain: random.pick(grains) } : { column })),
    ...measures.map((column) => ({ column })),
  ]
  const summed = measures.filter((column) => column.role === 'measure' && column.adds.how === 'sum')
  const having = summed.length > 0 && random.below(4) === 0 ? condition(model, summed, random, sample, 1) : undefined
  // Quotients are compared as they are answered; here they order nothing.
  const orderable = [
    ...dimensions,
    ...measures.filter((column) => column.role === 'measure' && column.adds.how !== 'ratio'),
  ]
  return { ...base, grouped: true, shown, ...(having && { having }), order: order(orderable, dimensions, random) }
}

function order(columns: readonly GoldColumn[], last: readonly GoldColumn[], random: Random): Term[] {
  const first = columns.filter(() => random.below(columns.length) < 2)
  const rest = last.filter((column) => !first.includes(column))
  return [...first, ...rest].map((column) => ({
    column,
    descending: random.below(2) === 0,
    nullsFirst: random.below(2) === 0,
  }))
}

function condition(
  model: GoldModel,
  columns: readonly GoldColumn[],
  random: Random,
  sample: Sample,
  depth: number,
): Condition | undefined {
  const more = (): Condition[] => [0, 1].flatMap(() => condition(model, columns, random, sample, depth - 1) ?? [])
  const kind = depth > 0 ? random.below(6) : 5
  if (kind === 0) return { all: more() }
  if (kind === 1) {
    const any = more()
    return any.length > 0 ? { any } : undefined
  }
  if (kind === 2) {
    const [none] = more()
    return none && { none }
  }
  return simple(model, random.pick(columns), random, sample)
}

function simple(model: GoldModel, column: GoldColumn, random: Random, sample: Sample): Condition | undefined {
  const value = sample(model, column)
  if (value === undefined || random.below(10) === 0) return { column, op: 'isNull', value: random.below(2) === 0 }
  const { kind } = column.type
  if (kind === 'boolean') return { column, op: random.pick(['eq', 'ne']), value: value === 'true' }
  const another = sample(model, column) ?? value
  const ordered = ['lt', 'lte', 'gt', 'gte', 'between']
  const op = random.pick([
    ...['eq', 'ne', 'in', 'notIn'],
    ...(kind === 'enum' ? [] : ordered),
    ...(kind === 'text' ? ['contains', 'startsWith'] : []),
  ])
  if (op === 'in' || op === 'notIn' || op === 'between') return { column, op, value: [value, another] }
  if (op === 'contains') return { column, op, value: [...value].slice(1, 3).join('') || value }
  if (op === 'startsWith') return { column, op, value: [...value].slice(0, 2).join('') }
  return { column, op, value }
}

const some = <T>(values: readonly T[], random: Random): T[] => {
  const chosen = values.filter(() => random.below(3) === 0)
  return chosen.length > 0 ? chosen : [random.pick(values)]
}
