import { skipBlanks } from './json-object.js'

/** Nothing but the end of the buffer was found. */
const unended = -1

/**
 * Where a broken element of an array ends: at the comma or closing bracket outside its strings, objects and arrays. Lenient, since
 * the element is broken: a string ends at a line break, `}` closes what was left open inside its object, `, {` where a key should
 * be starts the next element, and a `]` that closes nothing ends the element only where it can be the end of the whole array.
 */
export function brokenElementEnd(bytes: Buffer, start: number, isLast: boolean): number {
  const open: number[] = []
  let inString = false
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === 92) at++
      else if (byte === 34 || byte === 10) inString = false
    } else if (byte === 34) inString = true
    else if (byte === 123 || byte === 91) open.push(byte)
    else if (byte === 125) close(open, 123)
    else if (byte === 93) {
      if (open.includes(91)) close(open, 91)
      else if (skipBlanks(bytes, at + 1) >= bytes.length) return isLast ? at : unended
    } else if (byte === 44) {
      if (open.length === 0) return at
      const next = skipBlanks(bytes, at + 1)
      if (next >= bytes.length && !isLast) return unended
      if (open.at(-1) === 123 && bytes[next] === 123) return at
    }
  }
  return unended
}

/** Behind the next `}` that is followed by `, {`: where a new element most likely starts after one that never ended. -1 where there is none. */
export function nextElementLikely(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(125, start); at >= 0; at = bytes.indexOf(125, at + 1)) {
    const comma = skipBlanks(bytes, at + 1)
    if (bytes[comma] === 44 && bytes[skipBlanks(bytes, comma + 1)] === 123) return at + 1
  }
  return unended
}

function close(open: number[], opener: number): void {
  const at = open.lastIndexOf(opener)
  if (at >= 0) open.length = at
}
