import type { QuarantineCode } from '../contract.js'
import type { CsvFormat } from './csv-dialect.js'
import type { CsvRecord } from './csv-record.js'
import { FileProblem } from './record-sink.js'

/** The names in a header that was just read into `record`. Throws where it cannot be read or a declared column is not in it. */
export function readHeader(
  bytes: Buffer,
  record: CsvRecord,
  reason: QuarantineCode | undefined,
  columns: readonly string[],
  format: CsvFormat,
): string[] {
  if (reason) throw new FileProblem('FILE_UNREADABLE', `its header cannot be read (${reason})${hint(bytes, format)}`)
  const names = Array.from({ length: record.fields }, (_, field) => record.text(bytes, field).toString('utf8'))
  for (const column of columns) {
    const count = names.filter((name) => name === column).length
    if (count === 1) continue
    const problem = count === 0 ? 'has no column' : 'has more than one column'
    const shown = names.slice(0, 40).join(', ').slice(0, 500)
    throw new FileProblem(
      'COLUMN_UNKNOWN',
      `${problem} "${column}"; its header is: ${shown}${hint(bytes, format)}`,
      column,
    )
  }
  return names
}

function hint(bytes: Buffer, format: CsvFormat): string {
  const lineEnd = bytes.indexOf(10)
  const crlf = lineEnd > 0 && bytes[lineEnd - 1] === 13
  return crlf && format.newline === 'lf' ? '. Its lines end in CR LF: say newline: crlf in the mapping' : ''
}
