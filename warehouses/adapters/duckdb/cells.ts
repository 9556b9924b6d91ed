import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import { type Cells, joinedCells } from '../../contract/cells.js'
import type { Statement } from '../../contract/values.js'
import { PackedRows } from './packed-rows.js'
import { PlainRows } from './plain-rows.js'
import type { PreparedStatements } from './prepared.js'
import { requireWhole, toParameters } from './values.js'

/** Values of a page of fifty groups with ten columns. */
const fewValues = 500

/**
 * Gives the rows as the engine makes them, `most` of them. Unless it came to its end, the connection still holds what is left of the answer.
 */
export async function streamCells(
  connection: DuckDBConnection,
  statement: Statement,
  most: number,
  give: (cells: Cells) => Promise<void>,
): Promise<void> {
  let left = most
  const form = new PackedRows(statement.columns)
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
 * All rows at once, of a statement that its connection keeps prepared. The engine plans a statement whenever it runs, and what writes rows as texts is planned too, which takes longer than
 * to look at some hundred values one by one.
 */
export async function readCells(
  connection: DuckDBConnection,
  statement: Statement,
  prepared: PreparedStatements,
): Promise<Cells> {
  const { sql, columns, params, atMostRows = Number.POSITIVE_INFINITY } = statement
  const form = atMostRows * columns.length <= fewValues ? new PlainRows(columns) : new PackedRows(columns)
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
