import type { FileFormat } from '../../sources/mapping.js'
import type { CleanLayout } from './record-sink.js'

export type CsvFormat = Extract<FileFormat, { kind: 'csv' }>

export const lineFeed = 10
export const carriageReturn = 13

/** What a byte means where no quote is open. */
export const ordinary = 0
export const delimits = 1
export const needsCare = 2

/** A dialect as bytes of UTF-8. */
export interface CsvBytes {
  readonly delimiter: Buffer
  /** -1 where fields are never quoted. */
  readonly quote: number
  readonly escape: number
  readonly crlf: boolean
  readonly nullText: Buffer
  /** By byte: `ordinary`, `delimits` (a delimiter of one byte), or `needsCare`: the line is then read field by field. */
  readonly classes: Uint8Array
  /** Of the clean copy. */
  readonly cleanDelimiter: string
  readonly cleanQuote: string
  /** The fields of a line without special bytes can go to the clean copy as they are. */
  readonly copies: boolean
}

const unitSeparator = '\u001f'

export function csvBytes(format: CsvFormat): CsvBytes {
  const delimiter = Buffer.from(format.delimiter, 'utf8')
  const simple = delimiter.length === 1
  const cleanDelimiter = simple ? format.delimiter : unitSeparator
  const cleanQuote = format.quote === '' ? '"' : format.quote
  const classes = new Uint8Array(256)
  classes[0] = needsCare
  classes[carriageReturn] = needsCare
  classes[cleanQuote.charCodeAt(0)] = needsCare
  if (simple) classes[delimiter[0] as number] = delimits
  return {
    delimiter,
    quote: format.quote === '' ? -1 : format.quote.charCodeAt(0),
    escape: format.quote === '' ? -1 : format.escape.charCodeAt(0),
    crlf: format.newline === 'crlf',
    nullText: Buffer.from(format.nullText, 'utf8'),
    classes,
    cleanDelimiter,
    cleanQuote,
    copies: simple,
  }
}

export function cleanLayout(bytes: CsvBytes, fields: readonly string[]): CleanLayout {
  const { cleanDelimiter, cleanQuote, nullText } = bytes
  return { fields, delimiter: cleanDelimiter, quote: cleanQuote, nullText: nullText.toString('utf8') }
}
