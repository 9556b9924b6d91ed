import type { ByteBuffer } from './byte-buffer.js'
import type { ColumnKind, Row } from './datasets.js'
import type { DemoFormat } from './options.js'

/** The bytes of a file: `opening`, then the rows with `separator` between them, then `closing`. All but `row` are ASCII. */
export interface Encoding {
  readonly opening: string
  readonly separator: string
  readonly closing: string
  row(values: Row, target: ByteBuffer): void
}

export function createEncoding(format: DemoFormat, columns: Readonly<Record<string, ColumnKind>>): Encoding {
  const names = Object.keys(columns)
  const kinds = Object.values(columns)
  if (format === 'csv') return { opening: `${names.join(',')}\n`, separator: '', closing: '', row: csvRow(kinds) }
  const row = jsonRow(names, kinds)
  return format === 'json'
    ? { opening: '[\n', separator: ',\n', closing: '\n]\n', row }
    : { opening: '', separator: '\n', closing: '\n', row }
}

/** Not JSON.stringify of an object: the keys are known, most values need no escaping, and decimals keep their zeros. */
function jsonRow(names: readonly string[], kinds: readonly ColumnKind[]): Encoding['row'] {
  const heads = names.map((name, index) => `${index === 0 ? '{' : ','}"${name}":`)
  return (values, target) => {
    for (let i = 0; i < kinds.length; i++) {
      const value = values[i] ?? null
      const kind = kinds[i]
      target.ascii(heads[i] ?? '')
      if (value === null) target.ascii('null')
      else if (kind === 'number') target.ascii(String(value))
      else if (kind === 'text') target.utf8(JSON.stringify(value))
      else {
        target.ascii('"')
        target.ascii(String(value))
        target.ascii('"')
      }
    }
    target.ascii('}')
  }
}

/** RFC 4180 with LF. NULL is an empty field. */
function csvRow(kinds: readonly ColumnKind[]): Encoding['row'] {
  return (values, target) => {
    for (let i = 0; i < kinds.length; i++) {
      if (i > 0) target.ascii(',')
      const value = values[i] ?? null
      if (value === null) continue
      if (kinds[i] === 'text') target.utf8(csvText(String(value)))
      else target.ascii(String(value))
    }
    target.ascii('\n')
  }
}

function csvText(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
