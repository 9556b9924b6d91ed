import { jsonFormOf, jsonRows } from '../../json/json-rows.js'
import type { Columns, FormatOptions, TableWriter } from './format.js'

/** One JSON object on each line. Integers, and decimals as numbers, keep all their digits: what reads them may not. */
export function ndjsonWriter(columns: Columns, { decimals }: Pick<FormatOptions, 'decimals'>): TableWriter {
  const write = jsonRows(
    columns.map(({ name, type }, i) => ({
      before: `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
      ...{ form: jsonFormOf(type, decimals), nullable: true, safe: false },
    })),
    '}\n',
  )
  return {
    begin: () => '',
    rows: (table) => write(table, 0, table.cells.rows),
    end: () => '',
  }
}
