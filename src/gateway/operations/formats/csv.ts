import { shownBytes } from '../../../../resolvers/index.js'
import { scratch } from '../../json/scratch.js'
import type { Columns, FormatOptions, TableWriter } from './format.js'

const comma = 0x2c
const quote = 0x22
const apostrophe = 0x27
const lineEnd = 0x0a
const carriageReturn = 0x0d
/** `=`, `+`, `-`, `@`, tab, carriage return and line feed: what a spreadsheet takes for the beginning of a formula (OWASP, CSV injection). */
const formulas: ReadonlySet<number> = new Set([0x3d, 0x2b, 0x2d, 0x40, 0x09, carriageReturn, lineEnd])
/** The same in full width: U+FF1D, U+FF0B, U+FF0D and U+FF20. */
const wideFormulas: ReadonlySet<number> = new Set([0xefbc9d, 0xefbc8b, 0xefbc8d, 0xefbca0])

/**
 * RFC 4180 with LF at the end of lines. NULL is empty, the empty text `""`. A text that a spreadsheet would run as a formula begins with `'`; numbers, dates and
 * the other types are no text.
 */
export function csvWriter(columns: Columns, { bom }: Pick<FormatOptions, 'bom'>): TableWriter {
  const isText = columns.map(({ type }) => type.kind === 'text' || type.kind === 'enum')
  const room = scratch()
  return {
    begin() {
      const names = columns.map(({ name }) => Buffer.from(name, 'utf8'))
      const head = Buffer.allocUnsafe(names.reduce((sum, { length }) => sum + roomOf(length), 0))
      let at = 0
      for (const name of names) {
        at = putText(head, at, name, 0, name.length)
        head[at++] = comma
      }
      head[at - 1] = lineEnd
      return `${bom ? '\ufeff' : ''}${head.toString('utf8', 0, at)}`
    },
    rows(table) {
      const { cells, width, places } = table
      const { rows, bytes, starts, lengths } = cells
      const out = room(roomOf(0) * rows * columns.length + roomOf(shownBytes(table, 0, rows)))
      let at = 0
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < places.length; column += 1) {
          const cell = row * width + (places[column] ?? 0)
          const start = starts[cell] ?? 0
          const length = lengths[cell] ?? -1
          if (isText[column] === true) {
            if (length >= 0) at = putText(out, at, bytes, start, start + length)
          } else for (let i = start; i < start + length; i += 1) out[at++] = bytes[i] ?? 0
          out[at++] = comma
        }
        out[at - 1] = lineEnd
      }
      return Buffer.from(out.subarray(0, at))
    },
    end: () => '',
  }
}

/** Bytes that a cell may need: each doubled, quotes around them, `'` in front and what ends it. */
const roomOf = (length: number): number => 2 * length + 4

function putText(out: Uint8Array, begin: number, from: Uint8Array, start: number, end: number): number {
  let at = begin
  if (start === end) {
    out[at++] = quote
    out[at++] = quote
    return at
  }
  if (isFormula(from, start, end)) out[at++] = apostrophe
  for (let i = start; i < end; i += 1) {
    const byte = from[i] ?? 0
    if (byte === comma || byte === quote || byte === lineEnd || byte === carriageReturn)
      return putQuoted(out, begin, from, start, end)
    out[at++] = byte
  }
  return at
}

function putQuoted(out: Uint8Array, begin: number, from: Uint8Array, start: number, end: number): number {
  let at = begin
  out[at++] = quote
  if (isFormula(from, start, end)) out[at++] = apostrophe
  for (let i = start; i < end; i += 1) {
    const byte = from[i] ?? 0
    if (byte === quote) out[at++] = quote
    out[at++] = byte
  }
  out[at++] = quote
  return at
}

function isFormula(from: Uint8Array, start: number, end: number): boolean {
  const first = from[start] ?? 0
  // No letter and no digit begins one.
  if (first > 0x40 && first < 0xef) return false
  if (formulas.has(first)) return true
  return end - start >= 3 && wideFormulas.has((first << 16) | ((from[start + 1] ?? 0) << 8) | (from[start + 2] ?? 0))
}
