import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { Cells } from '../../contract/cells.js'

/** How rows come out of the engine, and are read from its memory. */
export interface RowForm {
  /** Bytes of a chunk besides its texts. */
  readonly bytesOfChunk: number
  /** `rows` is a statement that gives the rows. */
  sql(rows: string): string
  cells(chunk: DuckDBDataChunk, rows: number): Cells
}
