import type { Row } from './datasets.js'
import { centsText, percentOf, tenThousandthsText } from './numbers.js'
import type { Products } from './products.js'
import { type Random, weighted } from './random.js'

/** The lines of one sale at a time; amounts in whole cents. `lineTotal` = quantity × price − discount + tax. */
export interface Lines {
  readonly count: number
  readonly discountTotal: number
  readonly taxTotal: number
  /** Sum of the line totals. */
  readonly total: number
  quantity(line: number): number
  lineTotal(line: number): number
  productId(line: number): string
  row(line: number, saleId: string): Row
}

interface FillableLines extends Lines {
  fill(random: Random, promoted: boolean): void
}

/** Arrays that are filled anew for each sale, so that millions of lines leave nothing for the garbage collector. */
export function createLines(average: number, products: Products): FillableLines {
  const most = Math.ceil(2 * average)
  const product = new Int32Array(most)
  const quantity = new Int32Array(most)
  const discount = new Int32Array(most)
  const tax = new Int32Array(most)
  const total = new Float64Array(most)
  const costKnown = new Uint8Array(most)
  const drawQuantity = weighted([72, 17, 7, 3, 1])
  const drawDiscount = weighted([82, 7, 6, 3, 2])
  const drawPromotion = weighted([35, 20, 25, 12, 8])
  const percents = [0, 5, 10, 15, 25]

  const lines = {
    count: 0,
    discountTotal: 0,
    taxTotal: 0,
    total: 0,
    quantity: (line: number) => quantity[line] ?? 0,
    lineTotal: (line: number) => total[line] ?? 0,
    productId: (line: number) => products.id(product[line] ?? 0),
    fill: (random: Random, promoted: boolean) => {
      lines.count = lineCount(average, random)
      lines.discountTotal = 0
      lines.taxTotal = 0
      lines.total = 0
      for (let line = 0; line < lines.count; line++) {
        const index = products.draw(random)
        const units = drawQuantity(random) + 1
        const gross = units * (products.price[index] ?? 0)
        const off = percentOf(gross, percents[promoted ? drawPromotion(random) : drawDiscount(random)] ?? 0)
        const taxed = percentOf(gross - off, products.taxPercent[index] ?? 0)
        product[line] = index
        quantity[line] = units
        discount[line] = off
        tax[line] = taxed
        total[line] = gross - off + taxed
        costKnown[line] = (products.cost[index] ?? -1) < 0 || random.next() < 0.03 ? 0 : 1
        lines.discountTotal += off
        lines.taxTotal += taxed
        lines.total += gross - off + taxed
      }
    },
    row: (line: number, saleId: string): Row => {
      const index = product[line] ?? 0
      return [
        saleId,
        line + 1,
        products.id(index),
        quantity[line] ?? 0,
        centsText(products.price[index] ?? 0),
        costKnown[line] === 1 ? tenThousandthsText(products.cost[index] ?? 0) : null,
        centsText(discount[line] ?? 0),
        centsText(tax[line] ?? 0),
        centsText(total[line] ?? 0),
      ]
    },
  }
  return lines
}

/** From 1 to 2 × average − 1, with that average: a fraction is rounded up as often as it says. */
function lineCount(average: number, random: Random): number {
  if (average === 1) return 1
  return Math.floor(1 + random.next() * 2 * (average - 1) + random.next())
}
