import type { GoldModel } from '../../models/types.js'
import { dateDimensions, type GroupDimension, type Grouping } from '../../warehouses/compiler/group-query.js'
import type { Filter } from '../../warehouses/compiler/query.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import { plainBounds } from './bounds.js'
import { periodsIn } from './calendar.js'

/** Periods that a range may be filled with. Where it is open on a side, the rows decide how far it goes, and the time that a statement may take. */
const maxPeriods = 10_000

/**
 * The days that are filled: the range that `where` tells plainly, open at the ends where it tells none. Throws FILL_NEEDS_DATE unless one date is
 * selected, and FILTER_TOO_LARGE for a range of more periods than anybody looks at.
 */
export function readFill(
  model: GoldModel,
  dimensions: readonly GroupDimension[],
  where: Filter | undefined,
): NonNullable<Grouping['fill']> {
  const [dimension, ...more] = dateDimensions(model, dimensions)
  if (!dimension || more.length > 0) {
    throw new GoldgateError(
      'FILL_NEEDS_DATE',
      '`fill` adds the periods that have no rows: select one date with one grain, such as `(grain: MONTH)`.',
    )
  }
  const bounds = plainBounds(where, dimension.column).bounds
  const { from, to } = bounds
  if (from && to && periodsIn(from, to, dimension.grain ?? 'day') > maxPeriods) {
    throw new GoldgateError(
      'FILTER_TOO_LARGE',
      `\`fill\` adds at most ${maxPeriods} periods. Narrow the range of dates or take a larger grain.`,
    )
  }
  return bounds
}
