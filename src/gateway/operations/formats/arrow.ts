import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import type { LogicalType } from '../../../../models/types.js'
import type { TableRows } from '../../../../resolvers/index.js'
import { unitsOf } from '../../../../warehouses/contract/decimal.js'
import type { Value } from '../../../../warehouses/contract/values.js'
import type { Columns, TableWriter } from './format.js'

/** Continuation mark and a length of 0: the end of every stream. */
const endOfStream = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

/** The IPC stream of Apache Arrow: decimals as decimal128, integers as int64, instants as timestamps of microseconds in UTC. */
export function arrowWriter(columns: Columns): TableWriter {
  const fields = columns.map(({ name, type }) => new Field(name, arrowType(type), true))
  const schema = new Schema(fields)
  const head = encoded(schema, [])
  return {
    begin: () => head,
    rows(rows) {
      const children = columns.map((column, i) => columnData(column.type, rows, i))
      const data = makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children })
      // What stands in front of the batch was sent at the beginning.
      return encoded(schema, [new RecordBatch(schema, data)]).subarray(head.length)
    },
    end: () => endOfStream,
  }
}

/** A stream without its end. */
function encoded(schema: Schema, batches: readonly RecordBatch[]): Uint8Array {
  const writer = new RecordBatchStreamWriter()
  writer.reset(undefined, schema)
  for (const batch of batches) writer.write(batch)
  writer.finish()
  const bytes = writer.toUint8Array(true)
  return bytes.subarray(0, bytes.length - endOfStream.length)
}

function arrowType(type: LogicalType): DataType {
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

function columnData(type: LogicalType, rows: TableRows, column: number): Data {
  const length = rows.length
  const nullBitmap = new Uint8Array(Math.ceil(length / 8))
  let nullCount = 0
  const each = (put: (value: NonNullable<Value>, row: number) => void): void => {
    rows.forEach((row, i) => {
      const value = row[column] ?? null
      if (value === null) nullCount += 1
      else {
        nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7))
        put(value, i)
      }
    })
  }
  switch (type.kind) {
    case 'text':
    case 'enum':
      return textData(rows, column)
    case 'integer': {
      const data = new BigInt64Array(length)
      each((value, i) => {
        data[i] = BigInt(value)
      })
      return makeData({ type: new Int64(), length, nullCount, nullBitmap, data })
    }
    case 'decimal': {
      const words = new BigInt64Array(2 * length)
      each((value, i) => {
        const units = unitsOf(String(value), type.scale).floor
        words[2 * i] = BigInt.asIntN(64, units)
        words[2 * i + 1] = units >> 64n
      })
      const data = new Uint32Array(words.buffer)
      return makeData({ type: new Decimal(type.scale, type.precision, 128), length, nullCount, nullBitmap, data })
    }
    case 'boolean': {
      const data = new Uint8Array(Math.ceil(length / 8))
      each((value, i) => {
        if (value === true) data[i >> 3] = (data[i >> 3] ?? 0) | (1 << (i & 7))
      })
      return makeData({ type: new Bool(), length, nullCount, nullBitmap, data })
    }
    case 'date': {
      const data = new Int32Array(length)
      each((value, i) => {
        data[i] = Date.parse(`${value}T00:00:00Z`) / 86_400_000
      })
      return makeData({ type: new DateDay(), length, nullCount, nullBitmap, data })
    }
    case 'timestamp': {
      const data = new BigInt64Array(length)
      each((value, i) => {
        data[i] = micros(String(value))
      })
      return makeData({ type: new TimestampMicrosecond('UTC'), length, nullCount, nullBitmap, data })
    }
  }
}

function textData(rows: TableRows, column: number): Data {
  const length = rows.length
  const nullBitmap = new Uint8Array(Math.ceil(length / 8))
  const valueOffsets = new Int32Array(length + 1)
  const parts: Buffer[] = []
  let nullCount = 0
  let end = 0
  rows.forEach((row, i) => {
    const value = row[column] ?? null
    if (value === null) nullCount += 1
    else {
      const bytes = Buffer.from(String(value), 'utf8')
      parts.push(bytes)
      end += bytes.length
      nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7))
    }
    valueOffsets[i + 1] = end
  })
  return makeData({ type: new Utf8(), length, nullCount, nullBitmap, valueOffsets, data: Buffer.concat(parts) })
}

/** "YYYY-MM-DDTHH:MM:SS.ffffffZ": a Date holds milliseconds. */
const micros = (text: string): bigint =>
  BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1000n + BigInt(text.slice(20, 26))
