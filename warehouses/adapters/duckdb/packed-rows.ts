import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { Cells } from '../../contract/cells.js'
import type { Statement } from '../../contract/values.js'
import { castTo } from '../../dialect/standard.js'
import { duckdbDialect } from './dialect.js'
import type { RowForm } from './row-form.js'
import { bytesOfLength, bytesOfText, lengthsIn, rowsOfChunk, textsIn } from './vectors.js'

/** A row is one text, that of all its values behind one another, and the bytes of each: of many rows, every look at a text of its own would cost a call into the engine. */
export class PackedRows implements RowForm {
  readonly bytesOfChunk: number

  constructor(private readonly columns: Statement['columns']) {
    this.bytesOfChunk = rowsOfChunk * (bytesOfText + bytesOfLength * columns.length)
  }

  /** The texts are made below, so that they are made once. */
  sql(rows: string): string {
    const read = this.columns.map(
      ({ name, type }, i) => `${duckdbDialect.canonicalText(duckdbDialect.quote(name), type)} AS c${i}`,
    )
    const lengths = this.columns.map((_, i) => `COALESCE(${castTo(`strlen(c${i})`, 'INTEGER')}, -1)`)
    const packed = `encode(concat(${this.columns.map((_, i) => `c${i}`).join(', ')}))`
    return `SELECT ${[packed, ...lengths].join(', ')}
FROM (SELECT ${read.join(', ')} FROM (\n${rows}\n) AS read) AS packed`
  }

  cells({ chunk }: DuckDBDataChunk, rows: number): Cells {
    const width = this.columns.length
    const starts = new Int32Array(rows * width)
    const lengths = new Int32Array(rows * width)
    for (let i = 0; i < width; i += 1) {
      const ofColumn = lengthsIn(chunk, i + 1, rows)
      for (let row = 0; row < rows; row += 1) lengths[row * width + i] = ofColumn[row] ?? -1
    }
    let end = 0
    for (let cell = 0; cell < lengths.length; cell += 1) {
      starts[cell] = end
      end += Math.max(0, lengths[cell] ?? -1)
    }
    const { bytes } = textsIn(chunk, 0, rows)
    if (bytes.length !== end)
      throw new TypeError(`DuckDB sent ${bytes.length} bytes of text, whose lengths are ${end}.`)
    return { rows, bytes, starts, lengths }
  }
}
