import type { QuarantineCode } from '../contract.js'
import type { ByteWriter } from './byte-writer.js'
import { absent, escapedText, JsonObject, nested, skipBlanks, text } from './json-object.js'
import { type CleanLayout, FileProblem, type RecordSink } from './record-sink.js'

const separator = '\u001f'
const separatorByte = 31
const quoteByte = 34
const lineFeed = 10

/** Judges JSON records and writes the declared columns of the good ones. Shared by NDJSON and JSON arrays. */
export class JsonRecords {
  rows = 0
  readable = 0
  private counting = false
  private readonly object: JsonObject
  private readonly writer: ByteWriter | undefined

  constructor(
    private readonly columns: readonly string[],
    private readonly sink: RecordSink,
  ) {
    this.object = new JsonObject(columns)
    const layout: CleanLayout = { fields: columns, delimiter: separator, quote: '"', nullText: '' }
    this.writer = sink.open(layout)
  }

  /** The offset behind the valid object at `start`, else -1. Nothing is taken. */
  find(bytes: Buffer, start: number, limit: number): number {
    return this.object.read(bytes, start, limit)
  }

  /**
   * Takes the object at `start` if it is valid; returns the offset behind it, else -1 and nothing has happened.
   * `whole`: nothing but blanks may stand between it and `limit`.
   */
  take(bytes: Buffer, start: number, limit: number, whole: boolean): number {
    const end = this.object.read(bytes, start, limit)
    if (end < 0 || (whole && skipBlanks(bytes, end) < limit)) return -1
    this.rows++
    this.sink.raw?.(this.rows, bytes, start, end)
    const refused = this.write(bytes)
    if (refused) this.sink.reject(this.rows, refused.reason, bytes, start, end, refused.column)
    else this.readable++
    return end
  }

  /** Whether all that is still wanted of the records is their number. */
  get onlyCounts(): boolean {
    this.counting ||= this.sink.countsOnly === true && this.readable > 0 && !this.object.seen.includes(false)
    return this.counting
  }

  reject(reason: QuarantineCode, bytes: Buffer, start: number, end: number): void {
    this.rows++
    this.sink.raw?.(this.rows, bytes, start, end)
    this.sink.reject(this.rows, reason, bytes, start, end)
  }

  /** Throws where no record at all had a declared column. */
  finish(): void {
    if (this.readable === 0) return
    const vanished = this.columns.find((_, index) => !this.object.seen[index])
    if (vanished !== undefined)
      throw new FileProblem('COLUMN_UNKNOWN', `has no column "${vanished}": it is in none of its records`, vanished)
  }

  private write(bytes: Buffer): { reason: QuarantineCode; column: string } | undefined {
    const { object, columns, writer } = this
    const { kinds, starts, ends } = object
    const decoded: Buffer[] = []
    for (let column = 0; column < columns.length; column++) {
      if (kinds[column] !== escapedText) continue
      const value = object.decode(bytes, column)
      const name = columns[column] ?? ''
      if (value.includes('\0')) return { reason: 'NUL_CHARACTER', column: name }
      if (/\p{Surrogate}/u.test(value)) return { reason: 'INVALID_ENCODING', column: name }
      decoded[column] = Buffer.from(value, 'utf8')
    }
    if (!writer) return undefined
    writer.number(this.rows)
    for (let column = 0; column < columns.length; column++) {
      writer.byte(separatorByte)
      const kind = kinds[column]
      const start = starts[column] as number
      const end = ends[column] as number
      if (kind === absent) continue
      if (kind === escapedText) {
        const value = decoded[column] as Buffer
        writer.quoted(value, 0, value.length, quoteByte)
      } else if (kind === nested || (kind === text && start === end)) writer.quoted(bytes, start, end, quoteByte)
      else writer.bytes(bytes, start, end)
    }
    writer.byte(lineFeed)
    return undefined
  }
}
