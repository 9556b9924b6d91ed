import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { LogicalType } from '../../../models/types.js'
import type { Cells } from '../../contract/cells.js'
import type { Statement } from '../../contract/values.js'
import { duckdbDialect } from './dialect.js'
import type { RowForm } from './row-form.js'
import { bytesOfNumber, bytesOfText, numbersIn, rowsOfChunk, type Texts, textsIn } from './vectors.js'

/** Texts and numbers come as they are, and all else as text: of few rows, the engine would plan for longer what writes them than it takes here. */
export class PlainRows implements RowForm {
  readonly bytesOfChunk: number

  constructor(private readonly columns: Statement['columns']) {
    const widths = columns.map(({ type }) => (isNumber(type) ? bytesOfNumber(type) : bytesOfText))
    this.bytesOfChunk = rowsOfChunk * widths.reduce((sum, bytes) => sum + bytes, 0)
  }

  sql(rows: string): string {
    const read = this.columns.map(({ name, type }) => plain(duckdbDialect.quote(name), type))
    return `SELECT ${read.join(', ')} FROM (\n${rows}\n) AS read`
  }

  /** Column by column. */
  cells({ chunk }: DuckDBDataChunk, rows: number): Cells {
    const width = this.columns.length
    const starts = new Int32Array(rows * width)
    const lengths = new Int32Array(rows * width)
    let end = 0
    const columns = this.columns.map(({ type }, i) => {
      const texts: Texts = isNumber(type) ? numbersIn(chunk, i, rows, type) : textsIn(chunk, i, rows)
      texts.lengths.forEach((length, row) => {
        starts[row * width + i] = end
        lengths[row * width + i] = length
        end += Math.max(0, length)
      })
      return texts.bytes
    })
    return { rows, bytes: Buffer.concat(columns), starts, lengths }
  }
}

const isNumber = ({ kind }: LogicalType): boolean => kind === 'integer' || kind === 'decimal'

/** Decimals as those of 38 digits, whose form does not depend on how many they have. */
function plain(column: string, type: LogicalType): string {
  if (!isNumber(type)) return duckdbDialect.canonicalText(column, type)
  const own = duckdbDialect.cast(column, type)
  return type.kind === 'decimal' && type.precision < 38 ? duckdbDialect.cast(own, { ...type, precision: 38 }) : own
}
