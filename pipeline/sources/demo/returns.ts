import type { Calendar } from './calendar.js'
import type { Row } from './datasets.js'
import { centsText, idMaker } from './numbers.js'
import type { DemoOptions } from './options.js'
import { createRandom } from './random.js'
import type { Sale } from './sales.js'
import { returnReasons } from './vocabulary.js'

/** The returns of a sale, none for most. Together they never give back more than was paid for the lines. */
export function createReturns(options: DemoOptions, calendar: Calendar): (sale: Sale) => Row[] {
  const random = createRandom(options.seed, 'returns')
  const id = idMaker('R', options.sales, 7)
  const left: number[] = []
  let count = 0

  return (sale) => {
    if (!sale.returned) return []
    const { lines } = sale
    if (sale.refunded)
      return Array.from({ length: lines.count }, (_, line) => row(sale, line, lines.quantity(line), line > 0))

    for (let line = 0; line < lines.count; line++) left[line] = lines.quantity(line)
    const wanted = random.chance(0.72) ? 1 : random.chance(0.8) ? 2 : 3
    const rows: Row[] = []
    for (
      let attempt = 0, line = random.below(lines.count);
      attempt < wanted;
      attempt++, line = (line + 1) % lines.count
    ) {
      const available = left[line] ?? 0
      if (available === 0) continue
      const units = random.between(1, available)
      left[line] = available - units
      rows.push(row(sale, line, units, rows.length > 0))
    }
    return rows
  }

  function row(sale: Sale, line: number, units: number, further: boolean): Row {
    const day = Math.min(calendar.to, (sale.deliveredDay ?? sale.orderDay) + random.below(22))
    const earliest = Math.max(sale.orderedAt, calendar.midnight(day))
    const returnedAt = earliest + random.below(calendar.midnight(day + 1) - earliest)
    // Rounded down, so that the parts of a line never add up to more than the line.
    const refund = Math.floor((sale.lines.lineTotal(line) * units) / sale.lines.quantity(line))
    const itemised = !random.chance(0.04)
    // The first return of a sale always names it: the share of sales with a return stays exact.
    const namesSale = !further || !random.chance(0.05)
    return [
      id(count++),
      namesSale ? sale.id : null,
      itemised ? sale.lines.productId(line) : null,
      sale.customerId,
      calendar.timestampText(returnedAt),
      calendar.dateText(day),
      itemised ? units : null,
      random.chance(0.04) ? null : random.pick(returnReasons),
      centsText(refund),
    ]
  }
}
