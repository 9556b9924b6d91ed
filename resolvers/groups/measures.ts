import type { GoldColumn, GoldModel, Measure } from '../../models/types.js'
import { groupedType } from '../../warehouses/compiler/group-query.js'

/** The measures of a model that may be added up: what is asked of groups. */
export const groupedMeasures = (model: GoldModel): readonly Measure[] =>
  model.columns.filter((column): column is Measure => column.role === 'measure' && column.adds.how !== 'rowOnly')

/** The model as `having` sees it: measures of a group, by their own names and the types that they add up to. */
export const havingModel = (model: GoldModel): GoldModel => ({
  ...model,
  columns: groupedMeasures(model).map((measure) => ({ ...measure, type: groupedType(measure), nullable: true })),
})

export const isDate = (column: GoldColumn): boolean => column.type.kind === 'date'
export const isSum = (measure: Measure): boolean => measure.adds.how === 'sum'
