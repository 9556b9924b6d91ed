import { decodeValue, encodeValue, type Row, type Statement, type Value } from './values.js'

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

/** The same of rows of a statement. */
export const cellsFrom = (rows: readonly Row[], { columns }: Pick<Statement, 'columns'>): Cells =>
  cellsOf(rows.map((row) => columns.map(({ name }) => row[name] ?? null)))

/** Pieces of one answer as a whole. */
export function joinedCells(pieces: readonly Cells[]): Cells {
  const [only, ...more] = pieces
  if (only && more.length === 0) return only
  const count = pieces.reduce((sum, { starts }) => sum + starts.length, 0)
  const starts = new Int32Array(count)
  const lengths = new Int32Array(count)
  let at = 0
  let end = 0
  for (const piece of pieces) {
    for (let i = 0; i < piece.starts.length; i += 1) starts[at + i] = (piece.starts[i] ?? 0) + end
    lengths.set(piece.lengths, at)
    at += piece.starts.length
    end += piece.bytes.length
  }
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0)
  return { rows, bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)), starts, lengths }
}

/** All of them, as values. */
export const rowsOf = (cells: Cells, columns: Statement['columns']): Row[] =>
  Array.from({ length: cells.rows }, (_, row) => rowOf(cells, row, columns))

/** One of the rows, as values. */
export function rowOf({ bytes, starts, lengths }: Cells, row: number, columns: Statement['columns']): Row {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return Object.fromEntries(
    columns.map(({ name, type }, column) => {
      const cell = row * columns.length + column
      const [start = 0, length = -1] = [starts[cell], lengths[cell]]
      return [name, decodeValue(length < 0 ? null : text.toString('utf8', start, start + length), type)]
    }),
  )
}
