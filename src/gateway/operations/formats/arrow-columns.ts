import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Int64,
  makeData,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import type { LogicalType } from '../../../../models/types.js'
import type { TableCells } from '../../../../resolvers/index.js'
import { unitsOf } from '../../../../warehouses/contract/decimal.js'

export function arrowType(type: LogicalType): DataType {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return new Utf8()
    case 'integer':
      return new Int64()
    case 'decimal':
      return new Decimal(type.scale, type.precision, 128)
    case 'boolean':
      return new Bool()
    case 'date':
      return new DateDay()
    case 'timestamp':
      return new TimestampMicrosecond('UTC')
  }
}

const minus = 0x2d
const point = 0x2e
const letterT = 0x74
/** Digits of a number that a double counts without a fault. */
const exactDigits = 15
const twoTo32 = 2 ** 32

/** One column of the cells as Arrow has it. */
export function columnData(type: LogicalType, table: TableCells, column: number): Data {
  const { cells, width, places } = table
  const { rows: length, bytes, starts, lengths } = cells
  const place = places[column] ?? 0
  const nullBitmap = new Uint8Array(Math.ceil(length / 8))
  let nullCount = 0
  const each = (put: (start: number, end: number, row: number) => void): void => {
    for (let row = 0, cell = place; row < length; row += 1, cell += width) {
      const bytesOfCell = lengths[cell] ?? -1
      if (bytesOfCell < 0) {
        nullCount += 1
        continue
      }
      nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7))
      const start = starts[cell] ?? 0
      put(start, start + bytesOfCell, row)
    }
  }
  switch (type.kind) {
    case 'text':
    case 'enum': {
      const valueOffsets = new Int32Array(length + 1)
      let size = 0
      for (let cell = place; cell < length * width; cell += width) size += Math.max(0, lengths[cell] ?? 0)
      const data = new Uint8Array(size)
      let at = 0
      each((start, end, row) => {
        valueOffsets[row] = at
        for (let i = start; i < end; i += 1) data[at++] = bytes[i] ?? 0
        valueOffsets[row + 1] = at
      })
      // A NULL ends where it begins.
      for (let row = 1; row <= length; row += 1)
        valueOffsets[row] = Math.max(valueOffsets[row] ?? 0, valueOffsets[row - 1] ?? 0)
      return makeData({ type: new Utf8(), length, nullCount, nullBitmap, valueOffsets, data })
    }
    case 'integer': {
      const words = new Int32Array(2 * length)
      each((start, end, row) => putUnits(words, 2 * row, 2, unitsIn(bytes, start, end, 0)))
      return makeData({ type: new Int64(), length, nullCount, nullBitmap, data: new BigInt64Array(words.buffer) })
    }
    case 'decimal': {
      const words = new Int32Array(4 * length)
      each((start, end, row) => putUnits(words, 4 * row, 4, unitsIn(bytes, start, end, type.scale)))
      const data = new Uint32Array(words.buffer)
      return makeData({ type: new Decimal(type.scale, type.precision, 128), length, nullCount, nullBitmap, data })
    }
    case 'boolean': {
      const data = new Uint8Array(Math.ceil(length / 8))
      each((start, _, row) => {
        if (bytes[start] === letterT) data[row >> 3] = (data[row >> 3] ?? 0) | (1 << (row & 7))
      })
      return makeData({ type: new Bool(), length, nullCount, nullBitmap, data })
    }
    case 'date': {
      const data = new Int32Array(length)
      each((start, _, row) => {
        data[row] = dayIn(bytes, start)
      })
      return makeData({ type: new DateDay(), length, nullCount, nullBitmap, data })
    }
    case 'timestamp': {
      const data = new BigInt64Array(length)
      each((start, _, row) => {
        data[row] = microsIn(bytes, start)
      })
      return makeData({ type: new TimestampMicrosecond('UTC'), length, nullCount, nullBitmap, data })
    }
  }
}

/** A number in plain notation with `scale` digits behind the point, as a count of its last digit. */
function unitsIn(bytes: Uint8Array, start: number, end: number, scale: number): number | bigint {
  if (end - start > exactDigits) return unitsOf(Buffer.from(bytes.subarray(start, end)).toString('latin1'), scale).floor
  let units = 0
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0
    if (byte !== minus && byte !== point) units = 10 * units + byte - 0x30
  }
  return bytes[start] === minus ? -units : units
}

/** Two's complement in words of 32 bits, the lowest first. */
function putUnits(words: Int32Array, at: number, count: 2 | 4, units: number | bigint): void {
  if (typeof units === 'number') {
    const high = Math.floor(units / twoTo32)
    words[at] = units - high * twoTo32
    words[at + 1] = high
    if (count === 4 && high < 0) words[at + 2] = words[at + 3] = -1
    return
  }
  for (let i = 0; i < count; i += 1) words[at + i] = Number(BigInt.asIntN(32, units >> BigInt(32 * i)))
}

const digits = (bytes: Uint8Array, start: number, count: number): number => {
  let number = 0
  for (let i = start; i < start + count; i += 1) number = 10 * number + (bytes[i] ?? 0) - 0x30
  return number
}

/** Days since 1970 of "YYYY-MM-DD", counted in years that begin in March, so that a leap day is the last of one. */
function dayIn(bytes: Uint8Array, at: number): number {
  const month = digits(bytes, at + 5, 2)
  const year = digits(bytes, at, 4) - (month <= 2 ? 1 : 0)
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + digits(bytes, at + 8, 2) - 1
  return 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) + dayOfYear - 719_468
}

/** Microseconds since 1970 of "YYYY-MM-DDTHH:MM:SS.ffffffZ". */
function microsIn(bytes: Uint8Array, at: number): bigint {
  const seconds = 3_600 * digits(bytes, at + 11, 2) + 60 * digits(bytes, at + 14, 2) + digits(bytes, at + 17, 2)
  return BigInt(86_400 * dayIn(bytes, at) + seconds) * 1_000_000n + BigInt(digits(bytes, at + 20, 6))
}
