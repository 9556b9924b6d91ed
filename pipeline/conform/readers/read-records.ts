import type { FileFormat } from '../../sources/mapping.js'
import { readChunks } from './chunks.js'
import { CsvReader } from './csv-reader.js'
import { JsonArrayReader } from './json-array-reader.js'
import { JsonRecords } from './json-record.js'
import { lineBlocks } from './line-blocks.js'
import { readNdjson } from './ndjson-reader.js'
import { FileProblem, type RecordSink } from './record-sink.js'

export type TextFormat = Exclude<FileFormat, { kind: 'parquet' }>

export interface RecordCounts {
  /** All records; the header and blank lines are none. */
  readonly rows: number
  /** Those that were not rejected. */
  readonly readable: number
}

/**
 * Reads a file of text records into a sink, in constant memory. Throws `FileProblem`: FILE_EMPTY without any record,
 * FILE_UNREADABLE, COLUMN_UNKNOWN when one of `columns` is not there.
 */
export function readRecords(
  path: string,
  format: TextFormat,
  columns: readonly string[],
  sink: RecordSink,
  onBytes?: (bytes: number) => void,
): Promise<RecordCounts> {
  return readRecordChunks(readChunks(path, format.gzip, onBytes), format, columns, sink)
}

/** The same from unpacked bytes, in pieces of any size. */
export async function readRecordChunks(
  chunks: AsyncIterable<Buffer>,
  format: TextFormat,
  columns: readonly string[],
  sink: RecordSink,
): Promise<RecordCounts> {
  if (format.kind === 'csv') {
    const reader = new CsvReader(format, columns, sink)
    await reader.read(lineBlocks(chunks, format.encoding))
    return counted(reader)
  }
  const records = new JsonRecords(columns, sink)
  if (format.kind === 'ndjson') await readNdjson(lineBlocks(chunks, 'utf-8'), records)
  else await new JsonArrayReader(records).read(chunks)
  records.finish()
  return counted(records)
}

function counted({ rows, readable }: RecordCounts): RecordCounts {
  if (rows === 0) throw new FileProblem('FILE_EMPTY', 'it holds no record')
  return { rows, readable }
}
