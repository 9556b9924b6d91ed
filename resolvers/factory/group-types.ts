import { Int, registerEnumType } from 'type-graphql'
import type { GoldColumn, GoldModel, Measure } from '../../models/types.js'
import { groupedNullable, groupedType, type MeasureForm } from '../../warehouses/compiler/group-query.js'
import type { DateGrain } from '../../warehouses/contract/dialect.js'
import { changeScale, isNumeric } from '../groups/change.js'
import { groupedMeasures, isDate, isSum } from '../groups/measures.js'
import { comparing } from '../groups/selection.js'
import { describeColumn, fieldOf, typeNameOf } from '../naming/fields.js'
import { DecimalScalar } from '../scalars/decimal.js'
import { IntOrShareScalar } from '../scalars/int-or-share.js'
import { addField, type GeneratedClass, inputType, objectType } from './classes.js'
import { conditionsInput, orderInput } from './list-inputs.js'
import { connectionType } from './model-types.js'
import type { SharedTypes } from './shared-types.js'

/** The classes of one model's groups. */
export interface GroupTypes {
  readonly group: GeneratedClass
  readonly totals: GeneratedClass
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
          'Its total over this and all earlier periods, along the finest grain of the first date that is selected, separately for each value of the other dimensions: with MONTH and YEAR of one date, the year to date. Rows without a date are in no period: their total is theirs alone.',
      },
    },
  })
}

/** `compareTo` of every field of groups. */
export function comparisonInput(): GeneratedClass {
  const input = inputType('CompareTo', 'The time to compare groups with. Exactly one of these.')
  addField(input, 'months', () => Int, {
    description:
      'So many months earlier: each period beside the one so much earlier, each day beside the same day of the other month, or its last one. The range in `where` moves along: a month that it holds as a whole is compared with the other month as a whole, and the last day of a month alone with the last day of the other.',
    nullable: true,
  })
  addField(input, 'years', () => Int, {
    description: 'So many years earlier, with days and the range as for `months`.',
    nullable: true,
  })
  addField(input, 'previousPeriod', () => Boolean, {
    description:
      'True: the period before, of the grain that is selected. Without a date among the dimensions, the same length of time before the range in `where`: whole months where that is of whole months.',
    nullable: true,
  })
  return input
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
      logicalType: column.type,
    })
  }
  const totals = objectType(`${name}Totals`, `All rows of ${name} that \`where\` leaves, added up.`)
  for (const measure of groupedMeasures(model)) {
    const logicalType = groupedType(measure)
    const described = { description: describeMeasure(model, measure), nullable: mayLack(measure), logicalType }
    const values = shared.valueType(logicalType)
    const shown = isSum(measure) && measure.type.kind === 'integer' ? IntOrShareScalar : values
    // A share of nothing is NULL, and so is all but a sum where a period was filled.
    addField(group, fieldOf(measure), () => shown, { ...described, nullable: true })
    addField(totals, fieldOf(measure), () => values, described)
  }
  addComparison(group, totals, model, shared)
  const connection = connectionType(
    { name: `${name}Group`, rows: `${name} groups`, matching: 'Groups that `where` and `having` leave' },
    group,
    shared,
  )
  addField(connection, 'totals', () => totals, {
    description:
      'The grand total of the rows that `where` leaves, whatever `having` and the page show. Read only when selected.',
  })
  return { group, totals, connection, having: havingInput(model, shared), order: groupOrderInput(model, shared) }
}

/** What `compareTo` shows of a group. */
function addComparison(group: GeneratedClass, totals: GeneratedClass, model: GoldModel, shared: SharedTypes): void {
  const name = typeNameOf(model)
  const change = objectType(`${name}Change`, `How measures of a group of ${name} differ from another time.`)
  const ratio = objectType(
    `${name}ChangeRatio`,
    `How measures of a group of ${name} differ from another time, relatively.`,
  )
  for (const measure of groupedMeasures(model).filter(isNumeric)) {
    const logicalType = groupedType(measure)
    const values = shared.valueType(logicalType)
    addField(change, fieldOf(measure), () => values, {
      description: `${fieldOf(measure)} less that of the other time. NULL where either is unknown.`,
      nullable: true,
      logicalType,
    })
    addField(ratio, fieldOf(measure), () => DecimalScalar, {
      description: `The change of ${fieldOf(measure)} over its size in the other time, rounded to four digits: 0.1 is ten percent more. NULL where that is 0 or unknown.`,
      nullable: true,
      logicalType: { kind: 'decimal', precision: 38, scale: changeScale },
    })
  }
  const given = 'NULL where the other time has no such group.'
  const types = { previous: totals, change, changeRatio: ratio } satisfies Record<
    (typeof comparing)[number],
    GeneratedClass
  >
  const shown = {
    previous: 'The same group in the time that `compareTo` names.',
    change: 'What changed since.',
    changeRatio: 'What changed since, relatively.',
  }
  for (const field of comparing)
    addField(group, field, () => types[field], { description: `${shown[field]} ${given}`, nullable: true })
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
  const columns = groupedMeasures(model).map((measure) => ({
    column: measure,
    filter: shared.filter(groupedType(measure)),
    description: describeMeasure(model, measure),
  }))
  return conditionsInput(`${typeNameOf(model)}Having`, `groups of ${typeNameOf(model)}`, columns)
}

function groupOrderInput(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const columns: readonly GoldColumn[] = [
    ...model.columns.filter(({ role }) => role === 'dimension'),
    ...groupedMeasures(model),
  ]
  const name = typeNameOf(model)
  const description = `The fields that groups of ${name} can be ordered by: measures, and the dimensions that are selected.`
  const grain = columns.some(isDate) ? { grain: grainEnum } : {}
  return orderInput(model, { name: `${name}Group`, listed: 'groups', columns, description, ...grain }, shared)
}
