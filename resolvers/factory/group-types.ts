import { registerEnumType } from 'type-graphql'
import type { GoldColumn, GoldModel, Measure } from '../../models/types.js'
import { groupedNullable, groupedType, type MeasureForm } from '../../warehouses/compiler/group-query.js'
import type { DateGrain } from '../../warehouses/contract/dialect.js'
import { groupedMeasures, isDate, isSum } from '../groups/measures.js'
import { describeColumn, fieldOf, orderValueOf, typeNameOf } from '../naming/fields.js'
import { IntOrShareScalar } from '../scalars/int-or-share.js'
import { addField, type GeneratedClass, inputType, objectType } from './classes.js'
import { connectionType } from './model-types.js'
import type { SharedTypes } from './shared-types.js'

/** The classes of one model's groups. */
export interface GroupTypes {
  readonly group: GeneratedClass
  readonly connection: GeneratedClass
  readonly having: GeneratedClass
  readonly order: GeneratedClass
}

export const grainEnum = {
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
  QUARTER: 'quarter',
  YEAR: 'year',
} as const satisfies Record<string, DateGrain>
export const formEnum = { VALUE: 'value', SHARE: 'share', RUNNING: 'running' } as const satisfies Record<
  string,
  MeasureForm
>

/** Once for each schema. */
export function registerGroupEnums(): void {
  registerEnumType(grainEnum, {
    name: 'DateGrain',
    description: 'The period that a date is cut to; it goes by its first day.',
    valuesConfig: { WEEK: { description: 'Begins on Monday, as ISO 8601 has it.' } },
  })
  registerEnumType(formEnum, {
    name: 'MeasureForm',
    description: 'What is shown of a sum.',
    valuesConfig: {
      VALUE: { description: 'The sum of the group.' },
      SHARE: {
        description:
          'Its part of the sum over all groups that `where` leaves, as a fraction rounded to six digits; NULL where that is 0.',
      },
      RUNNING: {
        description:
          'Its total over this and all earlier periods, along the finest grain of the first date that is selected, separately for each value of the other dimensions: with MONTH and YEAR of one date, the year to date.',
      },
    },
  })
}

export function groupTypes(model: GoldModel, shared: SharedTypes): GroupTypes {
  const name = typeNameOf(model)
  const group = objectType(
    `${name}Group`,
    `Rows of ${name} that are equal in all dimensions that are selected, added up: what is selected decides what is grouped by.`,
  )
  for (const column of model.columns) {
    if (column.role !== 'dimension') continue
    const values = shared.valueType(column.type)
    addField(group, fieldOf(column), () => values, {
      description: describeColumn(model, column),
      nullable: column.nullable,
    })
  }
  const totals = objectType(`${name}Totals`, `All rows of ${name} that \`where\` leaves, added up.`)
  for (const measure of groupedMeasures(model)) {
    const described = { description: describeMeasure(model, measure), nullable: mayLack(measure) }
    const values = shared.valueType(groupedType(measure))
    const shown = isSum(measure) && measure.type.kind === 'integer' ? IntOrShareScalar : values
    // A share of nothing is NULL.
    addField(group, fieldOf(measure), () => shown, { ...described, nullable: isSum(measure) || described.nullable })
    addField(totals, fieldOf(measure), () => values, described)
  }
  const connection = connectionType(
    { name: `${name}Group`, rows: `${name} groups`, matching: 'Groups that `where` and `having` leave' },
    group,
    shared,
  )
  addField(connection, 'totals', () => totals, {
    description:
      'The grand total of the rows that `where` leaves, whatever `having` and the page show. Read only when selected.',
  })
  return { group, connection, having: havingInput(model, shared), order: orderInput(model, shared) }
}

/** Of no rows there is no smallest and no largest. */
const mayLack = (measure: Measure): boolean =>
  groupedNullable(measure) || measure.adds.how === 'min' || measure.adds.how === 'max'

const rules: Readonly<Record<Exclude<Measure['adds']['how'], 'ratio' | 'rowOnly'>, string>> = {
  sum: 'In groups: the sum.',
  min: 'In groups: the smallest.',
  max: 'In groups: the largest.',
  last: 'In groups: of each key its latest row, then the sum of those.',
}

function describeMeasure(model: GoldModel, measure: Measure): string {
  const { adds } = measure
  const rule =
    adds.how === 'ratio'
      ? `In groups: the quotient of the sums of ${[...adds.plus, ...adds.minus].map(fieldOf).join(', ')} and ${fieldOf(adds.denominator)}, over the rows that have them all.`
      : adds.how === 'rowOnly'
        ? ''
        : rules[adds.how]
  return `${describeColumn(model, measure)} ${rule}`
}

function havingInput(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const name = typeNameOf(model)
  const having = inputType(`${name}Having`, `Conditions on groups of ${name}; all that are given must hold.`)
  for (const measure of groupedMeasures(model)) {
    const filter = shared.filter(groupedType(measure))
    addField(having, fieldOf(measure), () => filter, { description: describeMeasure(model, measure), nullable: true })
  }
  addField(having, 'and', () => [having], { description: 'All of these must hold.', nullable: true })
  addField(having, 'or', () => [having], { description: 'At least one of these must hold.', nullable: true })
  addField(having, 'not', () => having, { description: 'This must not hold.', nullable: true })
  return having
}

function orderInput(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const name = typeNameOf(model)
  const columns: readonly GoldColumn[] = [
    ...model.columns.filter(({ role }) => role === 'dimension'),
    ...groupedMeasures(model),
  ]
  const field = Object.fromEntries(columns.map((column) => [orderValueOf(column), column.name]))
  registerEnumType(field, {
    name: `${name}GroupField`,
    description: `The fields that groups of ${name} can be ordered by: measures, and the dimensions that are selected.`,
    valuesConfig: Object.fromEntries(
      columns.map((column) => [orderValueOf(column), { description: describeColumn(model, column) }]),
    ),
  })
  const order = inputType(`${name}GroupOrder`, `One term of the order of ${name} groups.`)
  addField(order, 'field', () => field, { description: 'What to order by.' })
  if (columns.some(isDate))
    addField(order, 'grain', () => grainEnum, {
      description: 'Which grain of a date; needed only where it is selected with several.',
      nullable: true,
    })
  addField(order, 'direction', () => shared.direction, {
    description: 'Smallest or largest first.',
    defaultValue: shared.direction.ASC,
  })
  addField(order, 'nulls', () => shared.nulls, {
    description: 'Where groups without a value stand, in either direction.',
    defaultValue: shared.nulls.LAST,
  })
  return order
}
