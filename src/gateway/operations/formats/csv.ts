import type { Value } from '../../../../warehouses/contract/values.js'
import type { Columns, FormatOptions, TableWriter } from './format.js'

/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width forms included. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/
const special = /[",\r\n]/

/**
 * RFC 4180 with LF at the end of lines. NULL is empty, the empty text `""`. A text that a spreadsheet would run as a formula begins with `'`; numbers, dates and
 * the other types are no text.
 */
export function csvWriter(columns: Columns, { bom }: Pick<FormatOptions, 'bom'>): TableWriter {
  const asText = columns.map(({ type }) => type.kind === 'text' || type.kind === 'enum')
  return {
    begin: () => `${bom ? '\ufeff' : ''}${columns.map(({ name }) => textCell(name)).join(',')}\n`,
    rows(rows) {
      let out = ''
      for (const row of rows) {
        for (let i = 0; i < row.length; i += 1) {
          if (i > 0) out += ','
          out += cell(row[i] ?? null, asText[i] === true)
        }
        out += '\n'
      }
      return out
    },
    end: () => '',
  }
}

function cell(value: Value, isText: boolean): string {
  if (value === null) return ''
  return isText ? textCell(String(value)) : String(value)
}

function textCell(text: string): string {
  if (text === '') return '""'
  const safe = formula.test(text) ? `'${text}` : text
  return special.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
