import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { LogicalType } from '../../../models/types.js'
import { type Cells, joinedCells } from '../../contract/cells.js'
import { decimalFromUnits } from '../../contract/decimal.js'
import type { Statement } from '../../contract/values.js'
import { castTo } from '../../dialect/standard.js'
import { duckdbDialect } from './dialect.js'
import type { PreparedStatements } from './prepared.js'
import { requireWhole, toParameters } from './values.js'

/**
 * Gives the rows as the engine makes them, `most` of them. Every text costs a call into the engine, so a row comes as one: the texts of its values behind
 * one another, which its threads write, and the bytes of each. Unless it came to its end, the connection still holds what is left of the answer.
 */
export async function streamCells(
  connection: DuckDBConnection,
  statement: Statement,
  most: number,
  give: (cells: Cells) => Promise<void>,
): Promise<void> {
  let left = most
  const form = new PackedRows(statement.columns, false)
  const result = await connection.stream(form.sql(statement.sql), toParameters(statement.params))
  // The engine works on the next rows while these are written.
  let next = ahead(result)
  try {
    for (;;) {
      const chunk = await next
      if (chunk === null || chunk.rowCount === 0) return requireWhole(result)
      if (left > chunk.rowCount) next = ahead(result)
      const cells = form.cells(chunk, Math.min(left, chunk.rowCount))
      left -= cells.rows
      letGo(chunk, form.bytesOfChunk)
      await give(cells)
      if (left === 0) return
    }
  } finally {
    await next.catch(() => undefined)
  }
}

/**
 * All rows at once, of a statement that its connection keeps prepared. The engine plans a statement whenever it runs, and what writes a number as text is planned too: where there are
 * few of them, they come as they are.
 */
export async function readCells(
  connection: DuckDBConnection,
  statement: Statement,
  prepared: PreparedStatements,
): Promise<Cells> {
  const { sql, columns, params, atMostRows = Number.POSITIVE_INFINITY } = statement
  const form = new PackedRows(columns, atMostRows * columns.filter(isNumber).length <= fewNumbers)
  const result = await prepared.run(connection, form.sql(sql), toParameters(params))
  const pieces = Array.from({ length: result.chunkCount }, (_, i) => {
    const chunk = result.getChunk(i)
    const cells = form.cells(chunk, chunk.rowCount)
    letGo(chunk, form.bytesOfChunk)
    return cells
  })
  return joinedCells(pieces)
}

/** Looked at when it is its turn; a failure before that is nobody's yet. */
function ahead(result: DuckDBResult): ReturnType<DuckDBResult['fetchChunk']> {
  const next = result.fetchChunk()
  next.catch(() => undefined)
  return next
}

/**
 * V8 takes a chunk for a small object and collects it late, while it holds up to half a megabyte outside of V8's sight: a million rows came to 700 MB. So its texts are freed at
 * once, and of the rest V8 is told in the only way there is: by as much of its own memory, which is never touched and so costs none. Told of more, it collects more often.
 */
function letGo(chunk: DuckDBDataChunk, bytes: number): void {
  chunk.reset()
  new ArrayBuffer(bytes)
}

type Column = Statement['columns'][number]

const isNumber = ({ type }: Column): boolean => type.kind === 'integer' || type.kind === 'decimal'

/** For so many rows every chunk has room, however many are in it. */
const rowsOfChunk = 2_048

/** Those of a page of fifty groups. Writing as many here takes some microseconds, which is less than the engine would take to plan it. */
const fewNumbers = 500

/** How rows come out of the engine: the texts of a row as one and the bytes of each, and its numbers as texts too, or as they are. */
class PackedRows {
  /** By place. */
  readonly #asItIs: readonly boolean[]
  /** Places of those that come as text. */
  readonly #texts: readonly number[]
  /** What a chunk holds besides its texts. */
  readonly bytesOfChunk: number

  constructor(
    private readonly columns: readonly Column[],
    numbersAsTheyAre: boolean,
  ) {
    this.#asItIs = columns.map((column) => numbersAsTheyAre && isNumber(column))
    this.#texts = [...columns.keys()].filter((i) => !this.#asItIs[i])
    const widths = columns.map(({ type }, i) => (this.#asItIs[i] ? bytesOfNumber(type) : bytesOfLength))
    this.bytesOfChunk =
      rowsOfChunk * widths.reduce((sum, bytes) => sum + bytes, this.#texts.length === 0 ? 0 : bytesOfText)
  }

  /** The texts are made below, so that they are made once. */
  sql(rows: string): string {
    const read = this.columns.map((column, i) => `${readBelow(column, this.#asItIs[i])} AS c${i}`)
    const values = this.columns.map((_, i) =>
      this.#asItIs[i] ? `c${i}` : `COALESCE(${castTo(`strlen(c${i})`, 'INTEGER')}, -1)`,
    )
    const packed = this.#texts.length === 0 ? [] : [`encode(concat(${this.#texts.map((i) => `c${i}`).join(', ')}))`]
    return `SELECT ${[...packed, ...values].join(', ')}
FROM (SELECT ${read.join(', ')} FROM (\n${rows}\n) AS read) AS packed`
  }

  cells(chunk: DuckDBDataChunk, rows: number): Cells {
    const width = this.columns.length
    const first = this.#texts.length === 0 ? 0 : 1
    const starts = new Int32Array(rows * width)
    const lengths = new Int32Array(rows * width)
    for (const i of this.#texts) {
      const { buffer, byteOffset } = dataOf(chunk.chunk, first + i, rows * bytesOfLength)
      const bytes = new Int32Array(buffer, byteOffset, rows)
      for (let row = 0; row < rows; row += 1) lengths[row * width + i] = bytes[row] ?? -1
    }
    let end = 0
    for (let row = 0; row < rows; row += 1) {
      for (const i of this.#texts) {
        const cell = row * width + i
        starts[cell] = end
        end += Math.max(0, lengths[cell] ?? 0)
      }
    }
    const texts = first === 0 ? noBytes : textsOf(dataOf(chunk.chunk, 0, rows * bytesOfText), rows, end)
    // Behind the texts, column by column.
    let numbers = ''
    for (const [i, { type }] of this.columns.entries()) {
      if (!this.#asItIs[i]) continue
      const numberAt = numbersOf(chunk.chunk, first + i, rows, type)
      for (let row = 0; row < rows; row += 1) {
        const text = numberAt(row)
        starts[row * width + i] = end + numbers.length
        lengths[row * width + i] = text?.length ?? -1
        numbers += text ?? ''
      }
    }
    const bytes = numbers === '' ? texts : Buffer.concat([texts, Buffer.from(numbers, 'latin1')])
    return { rows, bytes, starts, lengths }
  }
}

function readBelow({ name, type }: Column, asItIs: boolean | undefined): string {
  const column = duckdbDialect.quote(name)
  if (asItIs) {
    const own = duckdbDialect.cast(column, type)
    return type.kind === 'decimal' && type.precision < 38 ? duckdbDialect.cast(own, { ...type, precision: 38 }) : own
  }
  return type.kind === 'text' || type.kind === 'enum' ? column : duckdbDialect.canonicalText(column, type)
}

const noBytes = Buffer.alloc(0)

/** The engine's own memory of a column, which goes with the chunk. */
const dataOf = (chunk: duckdb.DataChunk, column: number, bytes: number): Uint8Array<ArrayBuffer> =>
  duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), bytes) as Uint8Array<ArrayBuffer>

/** A whole number has eight bytes, and a decimal of 38 digits, as which all of them come, sixteen. */
const bytesOfNumber = ({ kind }: LogicalType): number => (kind === 'decimal' ? 16 : 8)
const bytesOfLength = 4

/** The numbers of a column, each as `encodeValue` would write it; undefined for none. */
function numbersOf(
  chunk: duckdb.DataChunk,
  column: number,
  rows: number,
  type: LogicalType,
): (row: number) => string | undefined {
  const bytes = bytesOfNumber(type)
  const { buffer, byteOffset } = dataOf(chunk, column, rows * bytes)
  const view = new DataView(buffer, byteOffset)
  const there = validityOf(chunk, column, rows)
  return (row) => {
    if (there && !((there[row >> 3] ?? 0) & (1 << (row & 7)))) return undefined
    const low = row * bytes
    if (type.kind !== 'decimal') return view.getBigInt64(low, true).toString()
    return decimalFromUnits((view.getBigInt64(low + 8, true) << 64n) | view.getBigUint64(low, true), type.scale)
  }
}

/** A bit for each row; null where every row has a value. */
const validityOf = (chunk: duckdb.DataChunk, column: number, rows: number): Uint8Array | null =>
  duckdb.vector_get_validity(duckdb.data_chunk_get_vector(chunk, column), Math.ceil(rows / 64) * 8)

/** A text in a column: its length, and itself where it is short, else four of its bytes and where it lies. */
const bytesOfText = 16
const longestInside = 12

/**
 * All texts of a column behind one another. The engine puts those of a chunk behind one another too, in pieces of memory that grow, and each look there costs a call: so
 * what lies together is taken together, a dozen times for 2,048 rows.
 */
function textsOf(column: Uint8Array<ArrayBuffer>, rows: number, total: number): Buffer {
  const { buffer, byteOffset } = column
  const view = new DataView(buffer, byteOffset)
  const out = Buffer.allocUnsafe(total)
  const lengthAt = (row: number) => view.getUint32(row * bytesOfText, true)
  const placeAt = (row: number) => Number(view.getBigUint64(row * bytesOfText + 8, true))
  let at = 0
  for (let row = 0; row < rows; ) {
    const length = lengthAt(row)
    if (length <= longestInside) {
      out.set(column.subarray(row * bytesOfText + 4, row * bytesOfText + 4 + length), at)
      at += length
      row += 1
      continue
    }
    const first = row
    const place = placeAt(row)
    let together = 0
    while (row < rows && lengthAt(row) > longestInside && placeAt(row) === place + together) {
      together += lengthAt(row)
      row += 1
    }
    out.set(duckdb.get_data_from_pointer(buffer, byteOffset + first * bytesOfText + 8, together), at)
    at += together
  }
  if (at !== total) throw new TypeError(`DuckDB sent ${at} bytes of text, whose lengths are ${total}.`)
  return out
}
