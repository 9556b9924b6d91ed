import { StoreError } from '../object-store.js'

const longestKey = 1024

/**
 * Throws `INVALID_KEY` unless every store can hold the key: parts separated by `/`, none of them empty, `.` or `..`, no control
 * characters (GCS allows no line breaks, and the XML in which S3 lists cannot hold others), no half of a surrogate pair, at most 1,024 bytes
 * (S3 and GCS allow no more). Spaces, quotes and any other unicode are fine.
 */
export function checkKey(store: string, key: string): void {
  const problem = keyProblem(key)
  if (problem) throw new StoreError('INVALID_KEY', store, `${JSON.stringify(key)} cannot be a key: ${problem}`)
}

/** Whether every store can hold the key. */
export function isKey(key: string): boolean {
  return keyProblem(key) === undefined
}

/** A prefix may end anywhere, also inside a part. */
export function checkPrefix(store: string, prefix: string): void {
  if (prefix !== '') checkKey(store, `${prefix}x`)
}

function keyProblem(key: string): string | undefined {
  if (key === '') return 'it is empty'
  if (/[\p{Cc}\ufffe\uffff]/u.test(key)) return 'it holds a control character'
  if (/\p{Surrogate}/u.test(key)) return 'it is not valid unicode'
  const parts = key.split('/')
  if (parts.includes('')) return 'it begins or ends with /, or has // in it'
  if (parts.includes('.') || parts.includes('..')) return 'it has a part that is . or ..'
  if (Buffer.byteLength(key) > longestKey) return `it is longer than ${longestKey} bytes`
  return undefined
}

/** Order by code point. JavaScript's own compares UTF-16 units, which puts 😀 before ｆ. */
export function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i)
    const unitB = b.charCodeAt(i)
    if (unitA === unitB) continue
    const surrogateA = unitA >= 0xd800 && unitA <= 0xdfff
    const surrogateB = unitB >= 0xd800 && unitB <= 0xdfff
    return surrogateA === surrogateB ? unitA - unitB : surrogateA ? 1 : -1
  }
  return a.length - b.length
}
