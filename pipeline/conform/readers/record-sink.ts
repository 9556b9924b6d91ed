import type { SourceErrorCode } from '../../sources/source-error.js'
import type { QuarantineCode } from '../contract.js'
import type { ByteWriter } from './byte-writer.js'

/** How the clean copy of one object is written: UTF-8, LF, one record a line, the object's number and the record's number in front. */
export interface CleanLayout {
  /** What each field is, in order; empty for a field that the mapping does not name. */
  readonly fields: readonly string[]
  /** One byte. */
  readonly delimiter: string
  /** Doubled inside a quoted field. */
  readonly quote: string
  /** An unquoted field of exactly this text is NULL. */
  readonly nullText: string
}

/** Where a reader puts what it finds. Record numbers count from 1; the header and blank lines have none. */
export interface RecordSink {
  /** Nothing but their number is wanted: whether a record can be read may be left open once it is known that the file has all columns. */
  readonly countsOnly?: true
  /** Called once, before the first record. Without a writer, records are only counted and judged. */
  open(layout: CleanLayout): ByteWriter | undefined
  /** A record that cannot be read; `bytes` may hold anything. */
  reject(row: number, reason: QuarantineCode, bytes: Buffer, start: number, end: number, column?: string): void
  /** Every record as it stands in the file (transcoded to UTF-8), where the raw text is wanted. */
  raw?(row: number, bytes: Buffer, start: number, end: number): void
}

/** Something is wrong with a file as a whole. Whoever knows the source and the dataset makes a `SourceError` of it. */
export class FileProblem extends Error {
  constructor(
    readonly code: Extract<SourceErrorCode, 'FILE_UNREADABLE' | 'FILE_EMPTY' | 'COLUMN_UNKNOWN'>,
    message: string,
    readonly column?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}

/** A record longer than this goes to quarantine, so that no file can fill the memory. */
export const maxRecordBytes = 2 * 1024 * 1024
