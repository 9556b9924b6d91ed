import { type Columns, type FormatOptions, shownBytes, type TableWriter } from './format.js'

const quote = 0x22
const backslash = 0x5c
const nullText = Buffer.from('null')
const rowEnd = Buffer.from('}\n')
/** What JSON writes for each byte that may not stand in a text as it is: the same as `JSON.stringify`. */
const escapes: readonly (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === quote || byte === backslash
    ? Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : undefined,
)
/** `\u001f` */
const longestEscape = 6

/** One JSON object on each line. Integers, and decimals as numbers, keep all their digits: what reads them may not. */
export function ndjsonWriter(columns: Columns, { decimals }: Pick<FormatOptions, 'decimals'>): TableWriter {
  const keys = columns.map(({ name }, i) => Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`))
  const isText = columns.map(({ type }) => type.kind === 'text' || type.kind === 'enum')
  const quoted = columns.map(
    ({ type: { kind } }) => kind === 'date' || kind === 'timestamp' || (kind === 'decimal' && decimals === 'string'),
  )
  const besideValues = keys.reduce((sum, { length }) => sum + length + nullText.length + 2, rowEnd.length)
  return {
    begin: () => '',
    rows(table) {
      const { cells, width, places } = table
      const { rows, bytes, starts, lengths } = cells
      const out = Buffer.allocUnsafe(rows * besideValues + longestEscape * shownBytes(table))
      let at = 0
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < places.length; column += 1) {
          at = put(out, at, keys[column] ?? nullText)
          const cell = row * width + (places[column] ?? 0)
          const start = starts[cell] ?? 0
          const length = lengths[cell] ?? -1
          if (length < 0) at = put(out, at, nullText)
          else if (isText[column] === true) at = putText(out, at, bytes, start, start + length)
          else {
            const isQuoted = quoted[column] === true
            if (isQuoted) out[at++] = quote
            for (let i = start; i < start + length; i += 1) out[at++] = bytes[i] ?? 0
            if (isQuoted) out[at++] = quote
          }
        }
        at = put(out, at, rowEnd)
      }
      return out.subarray(0, at)
    },
    end: () => '',
  }
}

function put(out: Uint8Array, begin: number, bytes: Uint8Array): number {
  let at = begin
  for (let i = 0; i < bytes.length; i += 1) out[at++] = bytes[i] ?? 0
  return at
}

function putText(out: Uint8Array, begin: number, from: Uint8Array, start: number, end: number): number {
  let at = begin
  out[at++] = quote
  for (let i = start; i < end; i += 1) {
    const byte = from[i] ?? 0
    if (byte >= 0x20 && byte !== quote && byte !== backslash) out[at++] = byte
    else at = put(out, at, escapes[byte] ?? nullText)
  }
  out[at++] = quote
  return at
}
