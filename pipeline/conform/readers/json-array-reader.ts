import { isUtf8 } from 'node:buffer'
import { brokenElementEnd, nextElementLikely } from './json-element.js'
import { skipBlanks } from './json-object.js'
import type { JsonRecords } from './json-record.js'
import { FileProblem } from './record-sink.js'

const comma = 44
const openBracket = 91
const closeBracket = 93
/** An element that is not over after this much is taken for one that was never closed. */
const maxElementBytes = 8 * 1024 * 1024

type Phase = 'start' | 'element' | 'after' | 'end'

/** The elements of one JSON array, in constant memory. A broken element is rejected and the next one read. */
export class JsonArrayReader {
  private phase: Phase = 'start'
  private first = true

  constructor(private readonly records: JsonRecords) {}

  async read(chunks: AsyncIterable<Buffer>): Promise<void> {
    let pending: Buffer | undefined
    for await (const chunk of chunks) {
      const bytes = pending ? Buffer.concat([pending, chunk]) : chunk
      const behind = this.readBytes(bytes, false)
      pending = behind < bytes.length ? bytes.subarray(behind) : undefined
    }
    if (pending) this.readBytes(pending, true)
    if (this.phase === 'start') return
    if (this.phase !== 'end')
      throw new FileProblem('FILE_UNREADABLE', 'the JSON array has no end: the file was cut off')
  }

  /** Returns the offset from which bytes are needed again. */
  private readBytes(bytes: Buffer, isLast: boolean): number {
    const valid = validUntil(bytes)
    let at = 0
    for (;;) {
      if (this.first && bytes.length >= 3) at = this.skipByteOrderMark(bytes)
      else if (this.first && !isLast) return 0
      at = skipBlanks(bytes, at)
      if (at >= bytes.length) return bytes.length
      const byte = bytes[at]
      if (this.phase === 'start') {
        if (byte !== openBracket)
          throw new FileProblem(
            'FILE_UNREADABLE',
            'it is no JSON array; say ndjson in the mapping where each line is an object',
          )
        this.phase = 'element'
        at++
      } else if (this.phase === 'end')
        throw new FileProblem('FILE_UNREADABLE', 'something follows the end of the JSON array')
      else if (byte === closeBracket) {
        this.phase = 'end'
        at++
      } else if (this.phase === 'after') {
        // What follows a good element without a comma is a broken element of its own.
        if (byte === comma) at++
        this.phase = 'element'
      } else {
        const behind = this.readElement(bytes, at, valid, isLast)
        if (behind < 0) return at
        at = behind
        this.phase = 'after'
      }
    }
  }

  /** Returns -1 when more bytes are needed. */
  private readElement(bytes: Buffer, start: number, valid: number, isLast: boolean): number {
    const { records } = this
    // An element ends with a closing brace, so it never reaches into a character that the end of the buffer cut.
    const end = valid > 0 ? records.take(bytes, start, bytes.length, false) : records.find(bytes, start, bytes.length)
    if (end >= 0) {
      if (valid > 0) return end
      if (isUtf8(bytes.subarray(start, end))) return records.take(bytes, start, end, false)
      records.reject('INVALID_ENCODING', bytes, start, end)
      return end
    }
    let broken = brokenElementEnd(bytes, start, isLast)
    if (broken < 0) {
      if (!isLast && bytes.length - start <= maxElementBytes) return -1
      broken = nextElementLikely(bytes, start)
      if (broken < 0)
        throw new FileProblem(
          'FILE_UNREADABLE',
          `the JSON array has no end: record ${records.rows + 1} is never closed`,
        )
    }
    const element = bytes.subarray(start, broken)
    const encoded = isUtf8(element)
    records.reject(
      !encoded ? 'INVALID_ENCODING' : element.includes(0) ? 'NUL_CHARACTER' : 'INVALID_JSON',
      bytes,
      start,
      broken,
    )
    return broken
  }

  private skipByteOrderMark(bytes: Buffer): number {
    this.first = false
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  }
}

/** Up to where the bytes are known to be UTF-8; a character that the end of the buffer cuts is left out. */
function validUntil(bytes: Buffer): number {
  let end = bytes.length
  while (end > 0 && end > bytes.length - 4 && (bytes[end - 1] as number) >= 0x80) end--
  return isUtf8(bytes.subarray(0, end)) ? end : 0
}
