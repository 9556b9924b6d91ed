import type { DuckDBConnection } from '@duckdb/node-api'
import type { Dataset } from '../sources/mapping.js'
import type { CleanFiles } from './clean-files.js'
import type { ConformRequest, LocalObject } from './contract.js'
import { fileError } from './readers/count-records.js'
import { describeParquet, requireColumns } from './readers/parquet-file.js'
import { readRecords } from './readers/read-records.js'
import { type CleanLayout, FileProblem } from './readers/record-sink.js'
import type { Telling } from './telling.js'

/** One object after reading. */
export interface ReadObject extends LocalObject {
  /** From 1, in the order of the request: of two versions that are equal, that of the higher ordinal is newer. */
  readonly ordinal: number
  readonly records: number
  /** Records that are in the clean copy (of Parquet: all). */
  readonly readable: number
  /** Absent for Parquet, which DuckDB reads from the object itself. */
  readonly layout?: CleanLayout
}

/**
 * Reads every object of the request once, one after another, each into its clean copy. Behind a file that is wrong as a whole, which fails with `SourceError`, none
 * is read any more: all others fail with it.
 */
export function readObjects(
  request: ConformRequest,
  connection: DuckDBConnection,
  files: CleanFiles,
  telling: Telling,
): readonly Promise<ReadObject>[] {
  const source = request.mapping.name
  let bytes = 0
  let rows = 0
  const readNext = async (object: LocalObject, ordinal: number): Promise<ReadObject> => {
    const dataset = request.mapping.datasets.find((candidate) => candidate.name === object.dataset)
    if (!dataset) throw new Error(`${source} has no dataset ${object.dataset}`)
    const report = () => telling.reads(dataset.name, rows, bytes)
    report()
    try {
      const read = await readObject(object, ordinal, dataset, connection, files, (more) => {
        bytes += more
        report()
      })
      rows += read.records
      report()
      return read
    } catch (error) {
      if (error instanceof FileProblem) throw fileError(error, { source, dataset: dataset.name, file: object.file })
      throw error
    }
  }
  let last: Promise<unknown> = Promise.resolve()
  return request.objects.map((object, index) => {
    const reading = last.then(() => readNext(object, index + 1))
    // It is thrown where somebody waits for the object.
    reading.catch(() => undefined)
    last = reading
    return reading
  })
}

async function readObject(
  object: LocalObject,
  ordinal: number,
  dataset: Dataset,
  connection: DuckDBConnection,
  files: CleanFiles,
  onBytes: (bytes: number) => void,
): Promise<ReadObject> {
  const { format, columns } = dataset
  if (format.kind === 'parquet') {
    const file = await describeParquet(connection, object.path)
    requireColumns(file, columns)
    onBytes(object.bytes)
    return { ...object, ordinal, records: file.rows, readable: file.rows }
  }
  const { result, layout } = await files.copy(ordinal, (sink) =>
    readRecords(object.path, format, columns, sink, onBytes),
  )
  return { ...object, ordinal, records: result.rows, readable: result.readable, ...(layout ? { layout } : {}) }
}
