import type { Columns, FormatOptions, TableWriter } from './format.js'
import { jsonValue } from './json-value.js'

/** One JSON object on each line. */
export function ndjsonWriter(columns: Columns, { decimals }: Pick<FormatOptions, 'decimals'>): TableWriter {
  const keys = columns.map(({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  return {
    begin: () => '',
    rows(rows) {
      let out = ''
      for (const row of rows) {
        columns.forEach(({ type }, i) => {
          out += keys[i]
          out += jsonValue(row[i] ?? null, type, decimals)
        })
        out += '}\n'
      }
      return out
    },
    end: () => '',
  }
}
