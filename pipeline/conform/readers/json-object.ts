import { Buffer } from 'node:buffer'
import { skipString, skipValue } from './json-syntax.js'

const quote = 34
const comma = 44
const colon = 58
const openBrace = 123
const closeBrace = 125
const backslash = 92

export const absent = 0
/** A number, true or false, as written. */
const bare = 1
export const text = 2
export const escapedText = 3
/** An object or array, as written. */
export const nested = 4

interface KnownKey {
  /** With its quotes. */
  readonly bytes: Buffer
  /** Index of the column, -1 for a key that nobody asked for. */
  readonly column: number
}

/**
 * Finds the declared columns of JSON objects in bytes, without making strings of them: numbers keep the text they have in the file.
 * Strict (RFC 8259). Of a key that is there twice, the last counts. The results stay until the next call.
 */
export class JsonObject {
  readonly starts: number[]
  readonly ends: number[]
  /** `absent` also for null. */
  readonly kinds: number[]
  /** Columns that some object had, be it as null. */
  readonly seen: boolean[]
  /** Keys in the order of the previous object: nearly always also that of the next. */
  private readonly order: KnownKey[] = []

  constructor(private readonly columns: readonly string[]) {
    this.starts = columns.map(() => 0)
    this.ends = columns.map(() => 0)
    this.kinds = columns.map(() => absent)
    this.seen = columns.map(() => false)
  }

  /** Reads the object that starts at `start`. Returns the offset behind its closing brace; -1 when there is no valid object before `limit`. */
  read(bytes: Buffer, start: number, limit: number): number {
    this.kinds.fill(absent)
    if (bytes[start] !== openBrace) return -1
    let at = skipBlanks(bytes, start + 1)
    if (bytes[at] === closeBrace) return at < limit ? at + 1 : -1
    for (let position = 0; at < limit; position++) {
      const known = this.readKey(bytes, at, limit, position)
      if (!known) return -1
      at = skipBlanks(bytes, at + known.bytes.length)
      if (bytes[at] !== colon) return -1
      at = skipBlanks(bytes, at + 1)
      at = this.readValue(bytes, at, limit, known.column)
      if (at < 0) return -1
      at = skipBlanks(bytes, at)
      const byte = bytes[at++]
      if (byte === closeBrace) return at <= limit ? at : -1
      if (byte !== comma) return -1
      at = skipBlanks(bytes, at)
    }
    return -1
  }

  /** The decoded text of a column of kind `escapedText`. */
  decode(bytes: Buffer, column: number): string {
    const json = bytes.toString('utf8', (this.starts[column] as number) - 1, (this.ends[column] as number) + 1)
    return String(JSON.parse(json))
  }

  private readKey(bytes: Buffer, at: number, limit: number, position: number): KnownKey | undefined {
    const guess = this.order[position]
    if (guess && startsWith(bytes, at, guess.bytes)) return guess
    const end = skipString(bytes, at, limit)
    if (end < 0) return undefined
    const name = String(JSON.parse(bytes.toString('utf8', at, end)))
    const known = { bytes: Buffer.from(bytes.subarray(at, end)), column: this.columns.indexOf(name) }
    if (position < 1024) this.order[position] = known
    return known
  }

  private readValue(bytes: Buffer, at: number, limit: number, column: number): number {
    if (column >= 0) this.seen[column] = true
    if (bytes[at] === quote) {
      let end = at + 1
      let byte = bytes[end] as number
      while (end < limit && byte !== quote && byte !== backslash && byte >= 32) byte = bytes[++end] as number
      if (end < limit && byte === quote) return this.keep(column, text, at + 1, end, end + 1)
      const behind = skipString(bytes, at, limit)
      return behind < 0 ? -1 : this.keep(column, escapedText, at + 1, behind - 1, behind)
    }
    const end = skipValue(bytes, at, limit)
    if (end < 0) return -1
    const first = bytes[at]
    const isNull = first === 110
    const kind = isNull ? absent : first === openBrace || first === 91 ? nested : bare
    return this.keep(column, kind, at, end, end)
  }

  private keep(column: number, kind: number, start: number, end: number, behind: number): number {
    if (column >= 0) {
      this.kinds[column] = kind
      this.starts[column] = start
      this.ends[column] = end
    }
    return behind
  }
}

function startsWith(bytes: Buffer, at: number, prefix: Buffer): boolean {
  for (let index = 0; index < prefix.length; index++) if (bytes[at + index] !== prefix[index]) return false
  return true
}

export function skipBlanks(bytes: Buffer, from: number): number {
  let at = from
  for (;;) {
    const byte = bytes[at]
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return at
    at++
  }
}
