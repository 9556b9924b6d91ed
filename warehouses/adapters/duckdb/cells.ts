import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { type Cells, joinedCells } from '../../contract/cells.js'
import type { Statement } from '../../contract/values.js'
import { castTo } from '../../dialect/standard.js'
import { duckdbDialect } from './dialect.js'
import type { PreparedStatements } from './prepared.js'
import { requireWhole, toParameters } from './values.js'

/** Of the vectors of a chunk: 2,048 rows of some 25 lengths and a text. */
const bytesOfChunk = 500_000

/**
 * Gives the rows as the engine makes them, `most` of them. Every value that is not a number costs a call into the engine, so a row comes as one: the texts of its values behind
 * one another, which its threads write, and the bytes of each. Unless it came to its end, the connection still holds what is left of the answer.
 */
export async function streamCells(
  connection: DuckDBConnection,
  statement: Statement,
  most: number,
  give: (cells: Cells) => Promise<void>,
): Promise<void> {
  let left = most
  const result = await connection.stream(packed(statement), toParameters(statement.params))
  // The engine works on the next rows while these are written.
  let next = ahead(result)
  try {
    for (;;) {
      const chunk = await next
      if (chunk === null || chunk.rowCount === 0) return requireWhole(result)
      if (left > chunk.rowCount) next = ahead(result)
      const cells = unpacked(chunk, Math.min(left, chunk.rowCount), statement.columns.length)
      left -= cells.rows
      letGo(chunk)
      await give(cells)
      if (left === 0) return
    }
  } finally {
    await next.catch(() => undefined)
  }
}

/** All rows at once, of a statement that its connection keeps prepared. */
export async function readCells(
  connection: DuckDBConnection,
  statement: Statement,
  prepared: PreparedStatements,
): Promise<Cells> {
  const result = await prepared.run(connection, packed(statement), toParameters(statement.params))
  const pieces = Array.from({ length: result.chunkCount }, (_, i) => {
    const chunk = result.getChunk(i)
    const cells = unpacked(chunk, chunk.rowCount, statement.columns.length)
    letGo(chunk)
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
 * V8 takes a chunk for a small object and collects it late, while it holds half a megabyte outside of V8's sight: a million rows came to 700 MB. So its texts are freed at
 * once, and of the rest V8 is told in the only way there is: by as much of its own memory, which is never touched and so costs none.
 */
function letGo(chunk: DuckDBDataChunk): void {
  chunk.reset()
  new ArrayBuffer(bytesOfChunk)
}

/** The texts are made below, so that they are made once. */
function packed({ sql, columns }: Statement): string {
  const texts = columns.map(({ name, type }, i) => {
    const column = duckdbDialect.quote(name)
    const text = type.kind === 'text' || type.kind === 'enum' ? column : duckdbDialect.canonicalText(column, type)
    return `${text} AS c${i}`
  })
  const names = columns.map((_, i) => `c${i}`)
  const lengths = names.map((name) => `COALESCE(${castTo(`strlen(${name})`, 'INTEGER')}, -1)`)
  return `SELECT encode(concat(${names.join(', ')})), ${lengths.join(', ')}
FROM (SELECT ${texts.join(', ')} FROM (\n${sql}\n) AS read) AS packed`
}

function unpacked({ chunk }: DuckDBDataChunk, rows: number, width: number): Cells {
  const starts = new Int32Array(rows * width)
  const lengths = new Int32Array(rows * width)
  for (let column = 0; column < width; column += 1) {
    const { buffer, byteOffset } = dataOf(chunk, column + 1, rows * 4)
    const numbers = new Int32Array(buffer, byteOffset, rows)
    for (let row = 0; row < rows; row += 1) lengths[row * width + column] = numbers[row] ?? -1
  }
  let end = 0
  for (let cell = 0; cell < starts.length; cell += 1) {
    starts[cell] = end
    end += Math.max(0, lengths[cell] ?? 0)
  }
  return { rows, bytes: textsOf(dataOf(chunk, 0, rows * bytesOfText), rows, end), starts, lengths }
}

/** The engine's own memory of a column, which goes with the chunk. */
const dataOf = (chunk: duckdb.DataChunk, column: number, bytes: number): Uint8Array<ArrayBuffer> =>
  duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), bytes) as Uint8Array<ArrayBuffer>

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
