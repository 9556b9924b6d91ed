import type { GraphQLResolveInfo } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import {
  dimensionName,
  type GroupDimension,
  type GroupMeasure,
  type MeasureForm,
  measureName,
} from '../../warehouses/compiler/group-query.js'
import type { DateGrain } from '../../warehouses/contract/dialect.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { fieldOf } from '../naming/fields.js'
import { children, named, readParts, rowTrees, type Selection, selectionTree, type Tree } from '../rows/selection.js'
import { groupedMeasures, isDate, isSum } from './measures.js'

/** What of a connection of groups was asked for. What is selected decides what rows are grouped by. */
export interface GroupSelection extends Omit<Selection, 'fields'> {
  /** In the order of the declaration, a date's finest grain first. */
  readonly dimensions: readonly GroupDimension[]
  readonly measures: readonly GroupMeasure[]
  /** Measures that are compared with those of another time; undefined when nothing of that time was asked for. */
  readonly compared: readonly GroupMeasure[] | undefined
  /** Measures of `totals`; undefined when it was not asked for. */
  readonly totals: readonly GroupMeasure[] | undefined
}

/** The fields of a group that show it beside the same group of another time. */
export const comparing = ['previous', 'change', 'changeRatio'] as const

const grains: readonly DateGrain[] = ['day', 'week', 'month', 'quarter', 'year']
const forms: readonly MeasureForm[] = ['value', 'share', 'running']

/** Throws AMBIGUOUS_GROUPING where two parts of the answer would be grouped differently, and RUNNING_NEEDS_DATE. */
export function readGroupSelection(model: GoldModel, info: GraphQLResolveInfo): GroupSelection {
  const connection = selectionTree(info)
  const lists = rowTrees(connection).map((tree) => children(tree))
  const groupings = lists.map((fields) => dimensionsOf(model, fields))
  const [dimensions = [], ...others] = groupings
  if (others.some((each) => JSON.stringify(each) !== JSON.stringify(dimensions))) {
    throw new GoldgateError(
      'AMBIGUOUS_GROUPING',
      '`nodes` and `edges` of one field select different dimensions, and rows are grouped by what is selected. Ask for each grouping in a field of its own, under an alias.',
    )
  }
  const measures = measuresOf(model, lists.flat())
  if (measures.some(({ form }) => form === 'running') && !dimensions.some(({ grain }) => grain !== undefined)) {
    throw new GoldgateError(
      'RUNNING_NEEDS_DATE',
      'A running total goes along a date: select a date beside it, with a grain such as `(grain: MONTH)`.',
    )
  }
  const beside = lists.flat().filter(({ name }) => isComparing(name))
  const totals = named(connection, 'totals')
  return {
    ...readParts(connection),
    dimensions,
    measures,
    compared: beside.length === 0 ? undefined : measuresOf(model, beside.flatMap(children)),
    totals: totals.length === 0 ? undefined : measuresOf(model, totals.flatMap(children)),
  }
}

/** The column of a group that a field shows with these arguments; undefined for what is beside the group. */
export function columnOfField(model: GoldModel, field: string, args: Readonly<Record<string, unknown>>) {
  const column = model.columns.find((each) => fieldOf(each) === field)
  if (!column) return undefined
  const form = forms.find((each) => each === args.as) ?? 'value'
  if (column.role === 'measure') return measureName({ column: column.name, form })
  const grain = grains.find((each) => each === args.grain)
  return dimensionName({ column: column.name, ...(grain && { grain }) })
}

const isComparing = (name: string): boolean => comparing.some((each) => each === name)

function dimensionsOf(model: GoldModel, fields: readonly Tree[]): GroupDimension[] {
  return model.columns.flatMap((column): GroupDimension[] => {
    const own = column.role === 'dimension' ? named(fields, fieldOf(column)) : []
    if (own.length === 0) return []
    if (!isDate(column)) return [{ column: column.name }]
    const asked = new Set(own.map(({ args }) => args.grain))
    return grains.filter((grain) => asked.has(grain)).map((grain) => ({ column: column.name, grain }))
  })
}

/** The measures among these fields, in each form that is asked for. */
export function measuresOf(model: GoldModel, fields: readonly Tree[]): GroupMeasure[] {
  return groupedMeasures(model).flatMap((measure): GroupMeasure[] => {
    const asked = new Set(
      named(fields, fieldOf(measure)).map(({ args }) => (isSum(measure) ? (args.as ?? 'value') : 'value')),
    )
    return forms.filter((form) => asked.has(form)).map((form) => ({ column: measure.name, form }))
  })
}
