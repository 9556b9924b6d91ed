import type { LogicalType } from '../../../models/types.js'
import { shownBytes, type TableCells } from '../../../resolvers/index.js'

/** How a value is written: as it is, in quotes, as a text whose characters may have to be escaped, or under the name that a closed list has for it. */
export type JsonForm = 'plain' | 'quoted' | 'text' | { readonly names: ReadonlyMap<string, string> }

export interface JsonColumn {
  /** What stands in front of the value: `{"name":`. */
  readonly before: string
  readonly form: JsonForm
  /** False: a row without a value is refused. */
  readonly nullable: boolean
  /** True: an integer that JSON's readers would round is refused. */
  readonly safe?: boolean
}

/** Rows that cannot be written as they were asked for. */
export class NotWritten extends Error {}

export const jsonFormOf = ({ kind }: LogicalType, decimals: 'string' | 'number'): JsonForm => {
  switch (kind) {
    case 'text':
    case 'enum':
      return 'text'
    case 'date':
    case 'timestamp':
      return 'quoted'
    case 'decimal':
      return decimals === 'string' ? 'quoted' : 'plain'
    case 'boolean':
    case 'integer':
      return 'plain'
  }
}

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const nullText = Buffer.from('null')
/** What JSON writes for each byte that may not stand in a text as it is: the same as `JSON.stringify`. */
const escapes: readonly (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === quote || byte === backslash
    ? Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : undefined,
)
/** `\u001f` */
const longestEscape = 6
/** Integers of so many digits are all exact. */
const digitsOfSafe = 15

/** Writes the rows of a table from the first to in front of the second. */
export type JsonRows = (table: TableCells, from: number, to: number) => Uint8Array

/**
 * Rows as JSON, `after` behind each of them. Integers, and decimals as numbers, keep all their digits: what reads them may not. `room`: where the bytes are written: whoever asks
 * for rows copies them before he asks for more.
 */
export function jsonRows(columns: readonly JsonColumn[], after: string, room: (bytes: number) => Uint8Array): JsonRows {
  const keys = columns.map(({ before }) => Buffer.from(before))
  const end = Buffer.from(after)
  const names = columns.map(({ form }) => namesOf(form))
  const longestName = Math.max(0, ...names.flatMap((each) => [...(each?.values() ?? [])].map(({ length }) => length)))
  const besideValues = keys.reduce((sum, { length }) => sum + length + nullText.length + longestName + 2, end.length)
  return (table, from, to) => {
    const { cells, width, places } = table
    const { bytes, starts, lengths } = cells
    const out = room((to - from) * besideValues + longestEscape * shownBytes(table, from, to))
    let at = 0
    for (let row = from; row < to; row += 1) {
      for (let i = 0; i < columns.length; i += 1) {
        at = put(out, at, keys[i] ?? nullText)
        const { form, nullable, safe } = columns[i] as JsonColumn
        const cell = row * width + (places[i] ?? 0)
        const start = starts[cell] ?? 0
        const length = lengths[cell] ?? -1
        if (length < 0) {
          if (!nullable) throw new NotWritten('A value is missing.')
          at = put(out, at, nullText)
        } else if (form === 'text') at = putText(out, at, bytes, start, start + length)
        else if (typeof form === 'object') at = put(out, at, nameAt(names[i], bytes, start, length))
        else {
          if (safe && length > digitsOfSafe) requireSafe(bytes, start, length)
          if (form === 'quoted') out[at++] = quote
          for (let k = start; k < start + length; k += 1) out[at++] = bytes[k] ?? 0
          if (form === 'quoted') out[at++] = quote
        }
      }
      at = put(out, at, end)
    }
    return out.subarray(0, at)
  }
}

const namesOf = (form: JsonForm): ReadonlyMap<string, Uint8Array> | undefined =>
  typeof form === 'object'
    ? new Map(
        [...form.names].map(([stored, name]) => [Buffer.from(stored).toString('latin1'), Buffer.from(`"${name}"`)]),
      )
    : undefined

function nameAt(
  names: ReadonlyMap<string, Uint8Array> | undefined,
  bytes: Uint8Array,
  start: number,
  length: number,
): Uint8Array {
  const name = names?.get(latin1(bytes, start, length))
  if (!name) throw new NotWritten('A value is not among those of its closed list.')
  return name
}

function requireSafe(bytes: Uint8Array, start: number, length: number): void {
  const digits = bytes[start] === minus ? length - 1 : length
  if (digits > digitsOfSafe && !Number.isSafeInteger(Number(latin1(bytes, start, length))))
    throw new NotWritten('An integer is beyond 2^53 - 1.')
}

const latin1 = (bytes: Uint8Array, start: number, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')

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
