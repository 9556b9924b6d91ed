import duckdb from '@duckdb/node-bindings'
import type { LogicalType } from '../../../models/types.js'
import { decimalFromUnits } from '../../contract/decimal.js'

/** For so many rows every chunk has room, however many are in it. */
export const rowsOfChunk = 2_048
/** A text in a column: its length, and itself where it is short, else four of its bytes and where it lies. */
export const bytesOfText = 16
export const bytesOfLength = 4
/** A whole number has eight bytes, and a decimal of 38 digits, the only ones that are read, sixteen. */
export const bytesOfNumber = ({ kind }: LogicalType): number => (kind === 'decimal' ? 16 : 8)

const longestInside = 12

/** Of a column: UTF-8, value behind value, and the bytes of each; -1: NULL. */
export interface Texts {
  readonly bytes: Buffer
  readonly lengths: Int32Array
}

/** A column of 32-bit whole numbers without NULL. */
export function lengthsIn(chunk: duckdb.DataChunk, column: number, rows: number): Int32Array {
  const { buffer, byteOffset } = dataOf(chunk, column, rows * bytesOfLength)
  return new Int32Array(buffer, byteOffset, rows)
}

/**
 * A column of texts, or of bytes. The engine puts those of a chunk behind one another too, in pieces of memory that grow, and each look there costs a call: so
 * what lies together is taken together, a dozen times for 2,048 rows.
 */
export function textsIn(chunk: duckdb.DataChunk, column: number, rows: number): Texts {
  const data = dataOf(chunk, column, rows * bytesOfText)
  const { buffer, byteOffset } = data
  const view = new DataView(buffer, byteOffset)
  const bits = validityOf(chunk, column, rows)
  const lengths = new Int32Array(rows)
  let total = 0
  for (let row = 0; row < rows; row += 1) {
    const length = isThere(bits, row) ? view.getUint32(row * bytesOfText, true) : -1
    lengths[row] = length
    total += Math.max(0, length)
  }
  const placeAt = (row: number) => Number(view.getBigUint64(row * bytesOfText + 8, true))
  const bytes = Buffer.allocUnsafe(total)
  let at = 0
  for (let row = 0; row < rows; ) {
    const length = lengths[row] ?? -1
    if (length <= longestInside) {
      const from = row * bytesOfText + 4
      bytes.set(data.subarray(from, from + Math.max(0, length)), at)
      at += Math.max(0, length)
      row += 1
      continue
    }
    const first = row
    const place = placeAt(row)
    let together = 0
    for (; row < rows; row += 1) {
      const next = lengths[row] ?? -1
      if (next <= longestInside || placeAt(row) !== place + together) break
      together += next
    }
    bytes.set(duckdb.get_data_from_pointer(buffer, byteOffset + first * bytesOfText + 8, together), at)
    at += together
  }
  return { bytes, lengths }
}

/** A column of whole numbers, or of decimals of 38 digits, each as `encodeValue` would write it. */
export function numbersIn(chunk: duckdb.DataChunk, column: number, rows: number, type: LogicalType): Texts {
  const width = bytesOfNumber(type)
  const { buffer, byteOffset } = dataOf(chunk, column, rows * width)
  const view = new DataView(buffer, byteOffset)
  const bits = validityOf(chunk, column, rows)
  const lengths = new Int32Array(rows).fill(-1)
  let text = ''
  for (let row = 0; row < rows; row += 1) {
    if (!isThere(bits, row)) continue
    const low = row * width
    const written =
      type.kind === 'decimal'
        ? decimalFromUnits((view.getBigInt64(low + 8, true) << 64n) | view.getBigUint64(low, true), type.scale)
        : view.getBigInt64(low, true).toString()
    text += written
    lengths[row] = written.length
  }
  return { bytes: Buffer.from(text, 'latin1'), lengths }
}

/** The engine's own memory of a column, which goes with the chunk. */
const dataOf = (chunk: duckdb.DataChunk, column: number, bytes: number): Uint8Array<ArrayBuffer> =>
  duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), bytes) as Uint8Array<ArrayBuffer>

/** A bit for each row; null where every row has a value. */
const validityOf = (chunk: duckdb.DataChunk, column: number, rows: number): Uint8Array | null =>
  duckdb.vector_get_validity(duckdb.data_chunk_get_vector(chunk, column), Math.ceil(rows / 64) * 8)

const isThere = (bits: Uint8Array | null, row: number): boolean =>
  bits === null || ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0
