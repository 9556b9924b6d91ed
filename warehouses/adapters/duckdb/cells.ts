import { DuckDBBlobVector, type DuckDBConnection, type DuckDBDataChunk, DuckDBIntegerVector } from '@duckdb/node-api'
import type { Cells } from '../../contract/cells.js'
import type { Statement } from '../../contract/values.js'
import { castTo } from '../../dialect/standard.js'
import { duckdbDialect } from './dialect.js'
import { toParameters } from './values.js'

/**
 * Gives the rows as the engine makes them. Every value that is not a number costs a call into the engine, so a row comes as one: the texts of its values behind
 * one another, which its threads write, and the bytes of each. Unless it came to its end, the connection still holds what is left of the answer.
 */
export async function streamCells(
  connection: DuckDBConnection,
  statement: Statement,
  give: (cells: Cells) => Promise<void>,
): Promise<void> {
  const result = await connection.stream(packed(statement), toParameters(statement.params))
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return
    await give(unpacked(chunk, statement.columns.length))
  }
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

function unpacked(chunk: DuckDBDataChunk, width: number): Cells {
  const rows = chunk.rowCount
  const texts = chunk.getColumnVector(0)
  if (!(texts instanceof DuckDBBlobVector)) throw new TypeError('DuckDB sent rows that are not packed.')
  const starts = new Int32Array(rows * width)
  const lengths = new Int32Array(rows * width)
  for (let column = 0; column < width; column += 1) {
    const vector = chunk.getColumnVector(column + 1)
    if (!(vector instanceof DuckDBIntegerVector)) throw new TypeError('DuckDB sent rows without their lengths.')
    for (let row = 0; row < rows; row += 1) lengths[row * width + column] = vector.getItem(row) ?? -1
  }
  let end = 0
  for (let cell = 0; cell < starts.length; cell += 1) {
    starts[cell] = end
    end += Math.max(0, lengths[cell] ?? 0)
  }
  const bytes = Buffer.allocUnsafe(end)
  for (let row = 0; row < rows; row += 1) {
    const text = texts.getItem(row)
    if (text) bytes.set(text.bytes, starts[row * width])
  }
  return { rows, bytes, starts, lengths }
}
