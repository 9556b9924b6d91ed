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
