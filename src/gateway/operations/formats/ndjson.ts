import { jsonFormOf, jsonRows } from '../../json/json-rows.js'
import { scratch } from '../../json/scratch.js'
import type { Columns, FormatOptions, TableWriter } from './format.js'

/** One JSON object on each line. Integers, and decimals as numbers, keep all their digits: what reads them may not. */
export function ndjsonWriter(columns: Columns, { decimals }: Pick<FormatOptions, 'decimals'>): TableWriter {
  const write = jsonRows(
    columns.map(({ name, type }, i) => ({
      before: `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
      ...{ form: jsonFormOf(type, decimals), nullable: true, safe: false },
    })),
    '}\n',
    scratch(),
  )
  return {
    begin: () => '',
    rows: (table) => Buffer.from(write(table, 0, table.cells.rows)),
    end: () => '',
  }
}
