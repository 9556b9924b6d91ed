import { type CsvBytes, carriageReturn, lineFeed } from './csv-dialect.js'

/** A quoted field that has not ended after this much is taken for one whose quote was never closed. */
const maxQuotedBytes = 512 * 1024
const maxQuotedLines = 1000

const plain = 0
export const quoted = 1
export const quotedWithEscapes = 2

/** Reads one record field by field. The results stay until the next call. */
export class CsvRecord {
  fields = 0
  readonly starts: number[] = []
  readonly ends: number[] = []
  readonly kinds: number[] = []
  /** Behind the last byte of the record, its line end not included. */
  end = 0
  /** Where the next record starts. */
  next = 0
  /** A quoted field holds a line break. */
  multiline = false

  constructor(private readonly dialect: CsvBytes) {}

  /**
   * `record`: read. `more`: it may go on behind these bytes. `unclosed`: a quoted field does not end, or something
   * other than a delimiter or a line end follows its closing quote.
   */
  read(bytes: Buffer, start: number, isLast: boolean): 'record' | 'more' | 'unclosed' {
    const { quote, delimiter } = this.dialect
    this.fields = 0
    this.multiline = false
    let at = start
    for (;;) {
      if (quote >= 0 && bytes[at] === quote) {
        const behind = this.readQuoted(bytes, at, isLast)
        if (behind === needMore) return 'more'
        if (behind === neverClosed) return 'unclosed'
        if (this.endsRecord(bytes, behind)) return 'record'
        if (behind + delimiter.length > bytes.length && !isLast) return 'more'
        if (!this.isDelimiter(bytes, behind)) return 'unclosed'
        at = behind + delimiter.length
      } else {
        let end = at
        while (end < bytes.length && bytes[end] !== lineFeed && !this.isDelimiter(bytes, end)) end++
        if (end >= bytes.length || bytes[end] === lineFeed) {
          if (end >= bytes.length && !isLast) return 'more'
          this.next = Math.min(end + 1, bytes.length)
          if (this.dialect.crlf && end > at && bytes[end - 1] === carriageReturn) end--
          this.add(at, end, plain)
          this.end = end
          return 'record'
        }
        this.add(at, end, plain)
        at = end + delimiter.length
      }
    }
  }

  /** The field's bytes without its quotes and escapes. */
  text(bytes: Buffer, field: number): Buffer {
    const raw = bytes.subarray(this.starts[field], this.ends[field])
    if (this.kinds[field] !== quotedWithEscapes) return raw
    const { escape: escaping, quote } = this.dialect
    const text = Buffer.allocUnsafe(raw.length)
    let length = 0
    for (let at = 0; at < raw.length; at++) {
      if (raw[at] === escaping && (raw[at + 1] === quote || raw[at + 1] === escaping)) at++
      text[length++] = raw[at] as number
    }
    return text.subarray(0, length)
  }

  private add(start: number, end: number, kind: number): void {
    this.starts[this.fields] = start
    this.ends[this.fields] = end
    this.kinds[this.fields] = kind
    this.fields++
  }

  private isDelimiter(bytes: Buffer, at: number): boolean {
    const { delimiter } = this.dialect
    for (let index = 0; index < delimiter.length; index++) if (bytes[at + index] !== delimiter[index]) return false
    return true
  }

  /** At the end of a record, right behind a closing quote. */
  private endsRecord(bytes: Buffer, at: number): boolean {
    const end = at < bytes.length && this.dialect.crlf && bytes[at] === carriageReturn ? at + 1 : at
    if (end < bytes.length && bytes[end] !== lineFeed) return false
    this.end = at
    this.next = Math.min(end + 1, bytes.length)
    return true
  }

  private readQuoted(bytes: Buffer, open: number, isLast: boolean): number {
    const { quote, escape: escaping } = this.dialect
    const doubling = escaping === quote
    let escaped = false
    let at = open + 1
    for (;;) {
      const close = doubling ? bytes.indexOf(quote, at) : this.closingQuote(bytes, at)
      if (close < 0 || (close + 1 >= bytes.length && !isLast)) {
        const tooFar = bytes.length - open > maxQuotedBytes || this.breaks(bytes, open, bytes.length) > maxQuotedLines
        return isLast || tooFar ? neverClosed : needMore
      }
      if (doubling && bytes[close + 1] === quote) {
        escaped = true
        at = close + 2
        continue
      }
      const breaks = this.breaks(bytes, open, close)
      if (close - open > maxQuotedBytes || breaks > maxQuotedLines) return neverClosed
      if (breaks > 0) this.multiline = true
      if (!doubling) escaped = bytes.subarray(open + 1, close).includes(escaping)
      this.add(open + 1, close, escaped ? quotedWithEscapes : quoted)
      return close + 1
    }
  }

  private closingQuote(bytes: Buffer, from: number): number {
    const { quote, escape: escaping } = this.dialect
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] === quote) return at
      if (bytes[at] === escaping && (bytes[at + 1] === quote || bytes[at + 1] === escaping)) at++
    }
    return -1
  }

  private breaks(bytes: Buffer, start: number, end: number): number {
    let found = 0
    for (let at = bytes.indexOf(lineFeed, start); at >= 0 && at < end && found <= maxQuotedLines; ) {
      found++
      at = bytes.indexOf(lineFeed, at + 1)
    }
    return found
  }
}

const needMore = -1
const neverClosed = -2
