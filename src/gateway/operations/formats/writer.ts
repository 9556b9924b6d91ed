import { arrowWriter } from './arrow.js'
import { csvWriter } from './csv.js'
import type { Columns, FormatName, FormatOptions, TableWriter } from './format.js'
import { ndjsonWriter } from './ndjson.js'

export function tableWriter(
  format: Exclude<FormatName, 'json'>,
  columns: Columns,
  options: FormatOptions,
): TableWriter {
  switch (format) {
    case 'csv':
      return csvWriter(columns, options)
    case 'ndjson':
      return ndjsonWriter(columns, options)
    case 'arrow':
      return arrowWriter(columns)
  }
}
