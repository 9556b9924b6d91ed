/** Strict JSON (RFC 8259) over bytes: each function returns the offset behind what it read, or -1 where that is not valid or not whole before `limit`. */

const quote = 34
const backslash = 92
const maxDepth = 256

export function skipString(bytes: Buffer, start: number, limit: number): number {
  if (bytes[start] !== quote) return -1
  for (let at = start + 1; at < limit; at++) {
    const byte = bytes[at] as number
    if (byte === quote) return at + 1
    if (byte < 32) return -1
    if (byte !== backslash) continue
    at++
    const escaped = bytes[at] as number
    if (escaped === 117) {
      for (let digit = 1; digit <= 4; digit++) if (!isHex(bytes[at + digit])) return -1
      at += 4
    } else if (!simpleEscapes.has(escaped)) return -1
  }
  return -1
}

export function skipValue(bytes: Buffer, start: number, limit: number, depth = 0): number {
  const byte = bytes[start]
  if (byte === quote) return skipString(bytes, start, limit)
  if (byte === 123) return skipMembers(bytes, start, limit, depth, true)
  if (byte === 91) return skipMembers(bytes, start, limit, depth, false)
  if (byte === 116) return skipWord(bytes, start, limit, trueWord)
  if (byte === 102) return skipWord(bytes, start, limit, falseWord)
  if (byte === 110) return skipWord(bytes, start, limit, nullWord)
  return skipNumber(bytes, start, limit)
}

const simpleEscapes = new Set([34, 92, 47, 98, 102, 110, 114, 116])
const trueWord = Buffer.from('true')
const falseWord = Buffer.from('false')
const nullWord = Buffer.from('null')

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)
}

function skipWord(bytes: Buffer, start: number, limit: number, word: Buffer): number {
  const end = start + word.length
  if (end > limit) return -1
  for (let index = 0; index < word.length; index++) if (bytes[start + index] !== word[index]) return -1
  return end
}

function skipNumber(bytes: Buffer, start: number, limit: number): number {
  let at = start
  if (bytes[at] === 45) at++
  const first = bytes[at] as number
  const whole = skipDigits(bytes, at, limit)
  if (whole === at || (first === 48 && whole > at + 1)) return -1
  at = whole
  if (at < limit && bytes[at] === 46) {
    const fraction = skipDigits(bytes, at + 1, limit)
    if (fraction === at + 1) return -1
    at = fraction
  }
  if (at < limit && (bytes[at] === 101 || bytes[at] === 69)) {
    const sign = bytes[at + 1]
    const from = sign === 43 || sign === 45 ? at + 2 : at + 1
    const exponent = skipDigits(bytes, from, limit)
    if (exponent === from) return -1
    at = exponent
  }
  return at
}

function skipDigits(bytes: Buffer, start: number, limit: number): number {
  let at = start
  while (at < limit) {
    const byte = bytes[at] as number
    if (byte < 48 || byte > 57) break
    at++
  }
  return at
}

function skipMembers(bytes: Buffer, start: number, limit: number, depth: number, keyed: boolean): number {
  if (depth >= maxDepth) return -1
  const close = keyed ? 125 : 93
  let at = skipSpace(bytes, start + 1, limit)
  if (at < limit && bytes[at] === close) return at + 1
  while (at < limit) {
    if (keyed) {
      at = skipString(bytes, at, limit)
      if (at < 0) return -1
      at = skipSpace(bytes, at, limit)
      if (bytes[at] !== 58) return -1
      at = skipSpace(bytes, at + 1, limit)
    }
    at = skipValue(bytes, at, limit, depth + 1)
    if (at < 0) return -1
    at = skipSpace(bytes, at, limit)
    if (at >= limit) return -1
    if (bytes[at] === close) return at + 1
    if (bytes[at] !== 44) return -1
    at = skipSpace(bytes, at + 1, limit)
  }
  return -1
}

function skipSpace(bytes: Buffer, start: number, limit: number): number {
  let at = start
  while (at < limit) {
    const byte = bytes[at]
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break
    at++
  }
  return at
}
