import type { QuarantineCode } from '../contract.js'
import type { ByteWriter } from './byte-writer.js'
import {
  type CsvFormat,
  carriageReturn,
  cleanLayout,
  csvBytes,
  delimits,
  lineFeed,
  needsCare,
  ordinary,
} from './csv-dialect.js'
import { readHeader } from './csv-header.js'
import { CsvRecord, quoted, quotedWithEscapes } from './csv-record.js'
import type { Flaw, LineBlock } from './line-blocks.js'
import { maxRecordBytes, type RecordSink } from './record-sink.js'

/**
 * Reads CSV. A record ends at a line feed outside quotes (`crlf`: a carriage return in front of it belongs to the line end).
 * A quote inside an unquoted field is text. Where a quoted field does not end — at the end of the file, after 1,000 lines or
 * 512 KiB, with something but a delimiter behind its closing quote, or over several lines into a record with the wrong number of
 * fields — the line where the record began is rejected, and reading goes on with the following line.
 */
export class CsvReader {
  rows = 0
  readable = 0
  private readonly dialect
  private readonly record
  private readonly cleanQuote: number
  private readonly cleanDelimiter: number
  /** Number of fields of a record; 0 until it is known. */
  private expected: number
  private writer: ByteWriter | undefined
  private pending: Buffer | undefined
  private flaws: Flaw[] = []
  private started = false
  private nulIn: Buffer | undefined
  private nulAt = -1

  constructor(
    private readonly format: CsvFormat,
    private readonly columns: readonly string[],
    private readonly sink: RecordSink,
  ) {
    this.dialect = csvBytes(format)
    this.record = new CsvRecord(this.dialect)
    this.cleanQuote = this.dialect.cleanQuote.charCodeAt(0)
    this.cleanDelimiter = this.dialect.cleanDelimiter.charCodeAt(0)
    this.expected = format.header ? 0 : columns.length
  }

  async read(blocks: AsyncIterable<LineBlock>): Promise<void> {
    for await (const block of blocks) {
      const before = this.pending?.length ?? 0
      this.flaws.push(...block.flaws.map((flaw) => ({ ...flaw, start: flaw.start + before, end: flaw.end + before })))
      const bytes = this.pending ? Buffer.concat([this.pending, block.bytes]) : block.bytes
      this.advance(bytes, this.readBlock(bytes, false))
    }
    if (this.pending) this.advance(this.pending, this.readBlock(this.pending, true))
  }

  private advance(bytes: Buffer, to: number): void {
    this.pending = to < bytes.length ? bytes.subarray(to) : undefined
    this.flaws = this.flaws
      .filter((flaw) => flaw.end > to)
      .map((flaw) => ({ ...flaw, start: flaw.start - to, end: flaw.end - to }))
  }

  private readBlock(bytes: Buffer, isLast: boolean): number {
    let start = 0
    while (start < bytes.length) {
      const lineEnd = bytes.indexOf(lineFeed, start)
      if (lineEnd < 0 && !isLast) return start
      let end = lineEnd < 0 ? bytes.length : lineEnd
      if (this.dialect.crlf && end > start && bytes[end - 1] === carriageReturn) end--
      const next = lineEnd < 0 ? bytes.length : lineEnd + 1
      if (end === start) start = next
      else if (this.started && this.flawIn(start, end) === undefined && this.copyLine(bytes, start, end)) start = next
      else {
        const behind = this.readCarefully(bytes, start, end, next, isLast)
        if (behind < 0) return start
        start = behind
      }
    }
    return start
  }

  /** The way of nearly all lines: no quote, NUL or stray carriage return, the right number of fields. False: read it carefully. */
  private copyLine(bytes: Buffer, start: number, end: number): boolean {
    const { classes, copies } = this.dialect
    if (!copies) return false
    const { writer } = this
    let fields = 1
    if (!writer) {
      for (let at = start; at < end; at++) {
        const kind = classes[bytes[at] as number]
        if (kind === delimits) fields++
        else if (kind === needsCare) return false
      }
      if (this.expected !== 0 && fields !== this.expected) return false
      this.rows++
      this.readable++
      this.sink.raw?.(this.rows, bytes, start, end)
      return true
    }
    writer.reserve(end - start + 32)
    const mark = writer.position
    writer.number(this.rows + 1)
    const { buffer } = writer
    let position = writer.position
    buffer[position++] = this.cleanDelimiter
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      const kind = classes[byte]
      if (kind === delimits) fields++
      else if (kind === needsCare) {
        writer.position = mark
        return false
      }
      buffer[position++] = byte
    }
    if (fields !== this.expected) {
      writer.position = mark
      return false
    }
    buffer[position++] = lineFeed
    writer.position = position
    this.rows++
    this.readable++
    this.sink.raw?.(this.rows, bytes, start, end)
    return true
  }

  /** Returns where the next record starts, -1 when more bytes are needed. */
  private readCarefully(bytes: Buffer, start: number, lineEnd: number, nextLine: number, isLast: boolean): number {
    const { record } = this
    const found = record.read(bytes, start, isLast)
    if (found === 'more' && bytes.length - start <= maxRecordBytes) return -1
    const wrongCount = this.expected !== 0 && record.fields !== this.expected
    const unclosed = found !== 'record' || (record.multiline && wrongCount && this.format.header)
    const end = unclosed ? lineEnd : record.end
    const next = unclosed ? nextLine : record.next
    const flaw = this.flawIn(start, end)
    let reason: QuarantineCode | undefined
    if (flaw) reason = flaw.reason
    else if (this.hasNul(bytes, start, end)) reason = 'NUL_CHARACTER'
    else if (unclosed) reason = 'UNCLOSED_QUOTE'
    else if (end - start > maxRecordBytes) reason = 'TOO_LONG'
    if (!this.started) {
      this.start(bytes, reason)
      if (this.format.header) return next
    }
    this.rows++
    this.sink.raw?.(this.rows, bytes, start, end)
    if (reason === undefined && this.expected !== 0 && record.fields !== this.expected)
      reason = record.fields < this.expected ? 'TOO_FEW_FIELDS' : 'TOO_MANY_FIELDS'
    if (reason) this.sink.reject(this.rows, reason, bytes, start, end)
    else {
      this.readable++
      this.writeFields(bytes)
    }
    return next
  }

  /** The first record: the header, or the sign that there are records at all. */
  private start(bytes: Buffer, reason: QuarantineCode | undefined): void {
    this.started = true
    if (!this.format.header) {
      this.writer = this.sink.open(cleanLayout(this.dialect, this.columns))
      return
    }
    const names = readHeader(bytes, this.record, reason, this.columns, this.format)
    this.expected = names.length
    const wanted = new Set(this.columns)
    this.writer = this.sink.open(
      cleanLayout(
        this.dialect,
        names.map((name) => (wanted.has(name) ? name : '')),
      ),
    )
  }

  private writeFields(bytes: Buffer): void {
    const { writer, record, dialect } = this
    if (!writer) return
    writer.number(this.rows)
    for (let field = 0; field < record.fields; field++) {
      writer.byte(this.cleanDelimiter)
      const start = record.starts[field] as number
      const end = record.ends[field] as number
      if (record.kinds[field] === quotedWithEscapes) {
        const text = record.text(bytes, field)
        writer.quoted(text, 0, text.length, this.cleanQuote)
      } else if (record.kinds[field] === quoted) writer.quoted(bytes, start, end, this.cleanQuote)
      else if (!isText(bytes, start, end, dialect.nullText) && this.needsQuotes(bytes, start, end))
        writer.quoted(bytes, start, end, this.cleanQuote)
      else writer.bytes(bytes, start, end)
    }
    writer.byte(lineFeed)
  }

  private needsQuotes(bytes: Buffer, start: number, end: number): boolean {
    const { classes } = this.dialect
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      if (classes[byte] !== ordinary || byte === this.cleanDelimiter) return true
    }
    return false
  }

  /** Looks for the next NUL once, not again for every record in front of it. */
  private hasNul(bytes: Buffer, start: number, end: number): boolean {
    if (this.nulIn !== bytes || this.nulAt < start) {
      const at = bytes.indexOf(0, start)
      this.nulIn = bytes
      this.nulAt = at < 0 ? Number.POSITIVE_INFINITY : at
    }
    return this.nulAt < end
  }

  /** The flaw that a record touches; those in front of it are done with. */
  private flawIn(start: number, end: number): Flaw | undefined {
    while (this.flaws[0] !== undefined && this.flaws[0].end <= start) this.flaws.shift()
    const first = this.flaws[0]
    return first !== undefined && first.start < end ? first : undefined
  }
}

function isText(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start !== text.length) return false
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text[at]) return false
  return true
}
