import type { Dimension, GoldColumn, GoldModel, LogicalType, Measure } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import type { DateGrain } from '../contract/dialect.js'
import type { Value } from '../contract/values.js'
import { columnOf } from './filter.js'
import type { Filter, SortKey } from './query.js'

/** A dimension that rows are grouped by; a date is cut to the first day of its `grain`. */
export interface GroupDimension {
  readonly column: string
  /** Of a date only, where it is needed. */
  readonly grain?: DateGrain
}

/**
 * `value`: the measure by its own rule. `share`: of a sum, its part of the total over all groups, rounded to `shareScale`; NULL where the total is 0.
 * `running`: of a sum, its total over this and all earlier dates of the first date dimension, separately for each value of the others; of rows without a date, theirs alone.
 * Both look at all groups that `where` leaves, whatever `having` and the page show of them.
 */
export type MeasureForm = 'value' | 'share' | 'running'

export interface GroupMeasure {
  readonly column: string
  readonly form: MeasureForm
}

/** What rows are grouped by and added up to. No dimension: the grand total, one group even of no rows. */
export interface Grouping {
  readonly model: GoldModel
  readonly dimensions: readonly GroupDimension[]
  readonly measures: readonly GroupMeasure[]
  /**
   * Periods of the one date dimension that have no rows become groups too, for each combination of the other dimensions that there is: sums are 0 there (NULL
   * where the measure is known of no row at all), other measures NULL. From the given day, else the first period with rows, to the given day, else the last.
   */
  readonly fill?: { readonly from?: string; readonly to?: string }
}

export interface GroupsQuery extends Grouping {
  readonly build: BuildRef
  /** Conditions on rows, by columns of the model. */
  readonly where?: Filter
  /** Conditions on groups, by columns of `groupModel`. */
  readonly having?: Filter
  /** By columns of `groupModel`; names all dimensions, so that it is total. */
  readonly order: readonly SortKey[]
  readonly seek?: { readonly side: 'after' | 'before'; readonly values: readonly Value[] }
  /** Left out: all of them, for exports. */
  readonly limit?: number | undefined
}

/** Digits behind the point of a share. */
export const shareScale = 6

/** The column of every group that counts its rows. */
export const groupRows = 'group_rows'

export const dimensionName = ({ column, grain }: GroupDimension): string =>
  grain === undefined ? column : `${column}__${grain}`

export const measureName = ({ column, form }: GroupMeasure): string =>
  form === 'value' ? column : `${column}__${form}`

/**
 * The groups as if they were rows of a model: what `having` and the order name. Throws a RangeError for a dimension or measure that cannot be
 * grouped so.
 */
export function groupModel({ model, dimensions, measures, fill }: Grouping): GoldModel {
  const keys = dimensions.map((dimension) => ({ ...dimensionOf(model, dimension), name: dimensionName(dimension) }))
  const figures = measures
    .map((measure) => figureOf(model, measure, dimensions))
    .map((measure) => (fill && measure.adds.how !== 'sum' ? { ...measure, nullable: true } : measure))
  const rows: Measure = {
    ...{ role: 'measure', name: groupRows, type: { kind: 'integer' }, nullable: false },
    ...{ adds: { how: 'sum' }, description: 'Number of rows of the group.' },
  }
  const columns: readonly GoldColumn[] = [...keys, ...figures, rows]
  if (new Set(columns.map(({ name }) => name)).size !== columns.length)
    throw new RangeError(`Groups of ${model.name} name a dimension or measure twice.`)
  return { ...model, grain: keys.map(({ name }) => name), columns, defaultOrder: [], rowChecks: [] }
}

/** The type of a measure that was added up: a sum of decimals is as wide as a decimal can be. */
export function groupedType({ adds, type }: Measure): LogicalType {
  if (adds.how === 'ratio') return { kind: 'decimal', precision: 38, scale: adds.scale }
  return type.kind === 'decimal' ? { ...type, precision: 38 } : type
}

/** Whether a group of at least one row may lack the measure. */
export const groupedNullable = ({ adds, nullable }: Measure): boolean => adds.how === 'ratio' || nullable

function dimensionOf(model: GoldModel, { column, grain }: GroupDimension): Dimension {
  const found = columnOf(model, column)
  if (found.role !== 'dimension')
    throw new RangeError(`${column} of ${model.name} is a measure: nothing is grouped by it.`)
  if (grain !== undefined && found.type.kind !== 'date')
    throw new RangeError(`${column} of ${model.name} is no date and has no grain.`)
  return found
}

export function measureOf(model: GoldModel, column: string): Measure {
  const found = columnOf(model, column)
  if (found.role === 'measure' && found.adds.how !== 'rowOnly') return found
  throw new RangeError(`${column} of ${model.name} cannot be added up.`)
}

function figureOf(model: GoldModel, { column, form }: GroupMeasure, dimensions: readonly GroupDimension[]): Measure {
  const measure = measureOf(model, column)
  const name = measureName({ column, form })
  if (form === 'value') {
    const ofNone = dimensions.length === 0 && (measure.adds.how === 'min' || measure.adds.how === 'max')
    return { ...measure, name, type: groupedType(measure), nullable: groupedNullable(measure) || ofNone }
  }
  if (measure.adds.how !== 'sum') throw new RangeError(`${column} of ${model.name} is no sum: it has no ${form}.`)
  if (form === 'share')
    return { ...measure, name, type: { kind: 'decimal', precision: 38, scale: shareScale }, nullable: true }
  runningDimension(model, dimensions)
  return { ...measure, name, type: groupedType(measure) }
}

export const dateDimensions = (model: GoldModel, dimensions: readonly GroupDimension[]): readonly GroupDimension[] =>
  dimensions.filter(({ column }) => columnOf(model, column).type.kind === 'date')

/** The only date dimension, whose periods are filled. Throws a RangeError where there is none or more. */
export function filledDimension(model: GoldModel, dimensions: readonly GroupDimension[]): GroupDimension {
  const [found, ...more] = dateDimensions(model, dimensions)
  if (found === undefined || more.length > 0)
    throw new RangeError(`Filling ${model.name} needs one date among its dimensions.`)
  return found
}

/** The date dimension that a running total goes along. Throws a RangeError where there is none. */
export function runningDimension(model: GoldModel, dimensions: readonly GroupDimension[]): GroupDimension {
  const [found] = dateDimensions(model, dimensions)
  if (found === undefined) throw new RangeError(`A running total of ${model.name} needs a date among its dimensions.`)
  return found
}
