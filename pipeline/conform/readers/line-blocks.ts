import { isAscii, isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'
import { type EncodingFamily, encodingFamily } from '../../sources/encodings.js'
import { maxRecordBytes } from './record-sink.js'

const lineFeed = 10
const keptOfLongLine = 4096

/** A stretch of a block that cannot be trusted. */
export interface Flaw {
  readonly start: number
  readonly end: number
  readonly reason: 'INVALID_ENCODING' | 'TOO_LONG'
}

/** Whole lines in UTF-8. Only the last line of the file may lack its line feed. */
export interface LineBlock {
  readonly bytes: Buffer
  /** In order. The bytes there are text, with U+FFFD for what was not readable. */
  readonly flaws: readonly Flaw[]
}

/** Cuts raw bytes at line feeds and brings them to UTF-8, strictly: what the encoding does not define is a flaw of its line. */
export async function* lineBlocks(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<LineBlock> {
  const family = encodingFamily(encoding) ?? 'utf-8'
  let carried: Buffer[] = []
  let carriedBytes = 0
  let longLine: Buffer | undefined
  let first = true
  const decode = (raw: Buffer): LineBlock => {
    const block = decodeLines(raw, encoding, family)
    if (!first) return block
    first = false
    return withoutByteOrderMark(block)
  }
  for await (const chunk of chunks) {
    // Units of two bytes can be cut in half by a chunk: then the two halves are looked at together.
    const wide = family === 'utf-16le' || family === 'utf-16be'
    const raw = wide && carriedBytes > 0 ? Buffer.concat([...carried, chunk]) : chunk
    if (raw !== chunk) {
      carried = []
      carriedBytes = 0
    }
    const end = lastLineEnd(raw, family)
    if (end === 0) {
      carried.push(raw)
      carriedBytes += raw.length
      if (carriedBytes > maxRecordBytes) {
        longLine ??= Buffer.concat(carried).subarray(0, keptOfLongLine)
        carried = wide && carriedBytes % 2 === 1 ? [raw.subarray(raw.length - 1)] : []
        carriedBytes = carried.length
      }
      continue
    }
    const rest = raw.subarray(end)
    if (longLine) {
      const head = firstLineEnd(raw, family)
      yield longLineBlock(decode(longLine).bytes)
      longLine = undefined
      if (head < end) yield decode(raw.subarray(head, end))
    } else yield decode(carriedBytes > 0 ? Buffer.concat([...carried, raw.subarray(0, end)]) : raw.subarray(0, end))
    carried = rest.length > 0 ? [rest] : []
    carriedBytes = rest.length
  }
  if (longLine) yield longLineBlock(decode(longLine).bytes)
  else if (carriedBytes > 0) yield decode(Buffer.concat(carried))
}

function longLineBlock(head: Buffer): LineBlock {
  const flaw: Flaw = { start: 0, end: head.length, reason: 'TOO_LONG' }
  return { bytes: Buffer.concat([head, Buffer.from('\n')]), flaws: [flaw] }
}

function withoutByteOrderMark(block: LineBlock): LineBlock {
  const { bytes, flaws } = block
  if (bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return block
  return {
    bytes: bytes.subarray(3),
    flaws: flaws.map((flaw) => ({ ...flaw, start: Math.max(0, flaw.start - 3), end: flaw.end - 3 })),
  }
}

/** Behind the last line feed; 0 where there is none. */
function lastLineEnd(raw: Buffer, family: EncodingFamily): number {
  const size = family === 'utf-16le' || family === 'utf-16be' ? 2 : 1
  for (let at = raw.lastIndexOf(lineFeed); at >= 0; at = at === 0 ? -1 : raw.lastIndexOf(lineFeed, at - 1))
    if (isLineFeed(raw, at, family)) return at + (size === 2 && family === 'utf-16le' ? 2 : 1)
  return 0
}

function firstLineEnd(raw: Buffer, family: EncodingFamily): number {
  for (let at = raw.indexOf(lineFeed); at >= 0; at = raw.indexOf(lineFeed, at + 1))
    if (isLineFeed(raw, at, family)) return at + (family === 'utf-16le' ? 2 : 1)
  return raw.length
}

function isLineFeed(raw: Buffer, at: number, family: EncodingFamily): boolean {
  if (family === 'utf-16le') return at % 2 === 0 && raw[at + 1] === 0
  if (family === 'utf-16be') return at % 2 === 1 && raw[at - 1] === 0
  return true
}

function decodeLines(raw: Buffer, encoding: string, family: EncodingFamily): LineBlock {
  const whole = decodeStrictly(raw, encoding, family)
  if (whole) return { bytes: whole, flaws: [] }
  const parts: Buffer[] = []
  const flaws: Flaw[] = []
  let length = 0
  for (let start = 0; start < raw.length; ) {
    const line = raw.subarray(start, start + firstLineEnd(raw.subarray(start), family))
    const good = decodeStrictly(line, encoding, family)
    const part = good ?? Buffer.from(iconv.decode(line, encoding, { stripBOM: false }), 'utf8')
    // The line feed itself stays outside, or the flaw would reach into the next record.
    if (!good) flaws.push({ start: length, end: length + Math.max(1, part.length - 1), reason: 'INVALID_ENCODING' })
    parts.push(part)
    length += part.length
    start += line.length
  }
  return { bytes: Buffer.concat(parts), flaws }
}

/** Undefined where the bytes are not text in this encoding. */
function decodeStrictly(raw: Buffer, encoding: string, family: EncodingFamily): Buffer | undefined {
  if (family === 'utf-8') return isUtf8(raw) ? raw : undefined
  if (family === 'ascii' && isAscii(raw)) return raw
  if (family !== 'ascii' && raw.length % 2 === 1) return undefined
  const text = iconv.decode(raw, family === 'ascii' ? encoding : family, { stripBOM: false })
  // iconv-lite writes U+FFFD for what an encoding does not define; UTF-16 has that character itself, but no lone surrogates.
  const broken = family === 'ascii' ? text.includes('\uFFFD') : /\p{Surrogate}/u.test(text)
  return broken ? undefined : Buffer.from(text, 'utf8')
}
