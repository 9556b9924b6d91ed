import type { TableCells, TableColumn } from '../../../../resolvers/index.js'

export const formatNames = ['json', 'csv', 'ndjson', 'arrow'] as const
export type FormatName = (typeof formatNames)[number]

export interface FormatOptions {
  /** Decimals as JSON strings, which keep their digits everywhere, or as JSON numbers. */
  readonly decimals: 'string' | 'number'
  /** CSV begins with a byte order mark, by which Excel knows that it is UTF-8. */
  readonly bom: boolean
}

export type Columns = readonly Pick<TableColumn, 'name' | 'type'>[]

/** Bytes of all the cells that the table shows. */
export function shownBytes({ cells: { rows, lengths }, width, places }: TableCells): number {
  let sum = 0
  for (const place of places)
    for (let row = 0, cell = place; row < rows; row += 1, cell += width) sum += Math.max(0, lengths[cell] ?? 0)
  return sum
}

/** A table as bytes, piece by piece. */
export interface TableWriter {
  begin(): Uint8Array | string
  rows(rows: TableCells): Uint8Array
  /** Only behind the last row: its absence tells that there should have been more. */
  end(): Uint8Array | string
}

export const contentTypes: Readonly<Record<FormatName, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
}
