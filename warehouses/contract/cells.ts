import { encodeValue, type Value } from './values.js'

/**
 * Rows as the canonical text of their values (`encodeValue`) in UTF-8, for whoever only passes them on: no value and no row becomes an object. Cells stand
 * row by row, each with as many as the statement has columns.
 */
export interface Cells {
  readonly rows: number
  readonly bytes: Uint8Array
  /** Where each cell begins in `bytes`. */
  readonly starts: Int32Array
  /** Bytes of each cell; -1: NULL. */
  readonly lengths: Int32Array
}

/** The same of rows that are values already. */
export function cellsOf(rows: readonly (readonly Value[])[]): Cells {
  const texts = rows.flatMap((row) => row.map(encodeValue))
  const bytes = Buffer.from(texts.map((text) => text ?? '').join(''), 'utf8')
  const starts = new Int32Array(texts.length)
  const lengths = new Int32Array(texts.length)
  let end = 0
  texts.forEach((text, i) => {
    starts[i] = end
    lengths[i] = text === null ? -1 : Buffer.byteLength(text, 'utf8')
    end += Math.max(0, lengths[i] ?? 0)
  })
  return { rows: rows.length, bytes, starts, lengths }
}
