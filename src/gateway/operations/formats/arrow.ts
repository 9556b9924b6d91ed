import { Field, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow'
import { arrowType, columnData } from './arrow-columns.js'
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
    rows(table) {
      const children = columns.map(({ type }, i) => columnData(type, table, i))
      const data = makeData({ type: new Struct(fields), length: table.cells.rows, nullCount: 0, children })
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
