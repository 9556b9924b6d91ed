import type { Filter } from '../../warehouses/compiler/query.js'
import { addDays } from './calendar.js'

/** Days, both included; open where one is absent. */
export interface Bounds {
  readonly from?: string
  readonly to?: string
}

const firstDay = '0001-01-01'
const lastDay = '9999-12-31'
const noDay: Bounds = { from: lastDay, to: firstDay }

/** The range of a date that a condition tells plainly, in parts that hold all together, and the parts that tell none. */
export function plainBounds(
  where: Filter | undefined,
  column: string,
): { readonly bounds: Bounds; readonly others: readonly Filter[] } {
  const others: Filter[] = []
  let bounds: Bounds = {}
  const read = (part: Filter): void => {
    if ('and' in part) {
      part.and.forEach(read)
      return
    }
    const found = boundsOf(part, column)
    if (found) bounds = narrowed(bounds, found)
    else others.push(part)
  }
  if (where !== undefined) read(where)
  return { bounds, others }
}

function boundsOf(filter: Filter, column: string): Bounds | undefined {
  if (!('column' in filter) || filter.column !== column) return undefined
  if (filter.op === 'between') return { from: String(filter.from), to: String(filter.to) }
  if (!('value' in filter)) return undefined
  const day = String(filter.value)
  switch (filter.op) {
    case 'eq':
      return { from: day, to: day }
    case 'gte':
      return { from: day }
    case 'gt':
      return day === lastDay ? noDay : { from: addDays(day, 1) }
    case 'lte':
      return { to: day }
    case 'lt':
      return day === firstDay ? noDay : { to: addDays(day, -1) }
    default:
      return undefined
  }
}

function narrowed(a: Bounds, b: Bounds): Bounds {
  const from = [a.from, b.from]
    .filter((each) => each !== undefined)
    .sort()
    .at(-1)
  const to = [a.to, b.to].filter((each) => each !== undefined).sort()[0]
  return { ...(from && { from }), ...(to && { to }) }
}
