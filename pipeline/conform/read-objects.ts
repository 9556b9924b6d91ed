import type { Dataset } from '../sources/mapping.js'
import type { CleanFiles } from './clean-files.js'
import type { ConformProgress, ConformRequest, LocalObject } from './contract.js'
import type { Engine } from './engine.js'
import { fileError } from './readers/count-records.js'
import { describeParquet, requireColumns } from './readers/parquet-file.js'
import { readRecords } from './readers/read-records.js'
import { type CleanLayout, FileProblem } from './readers/record-sink.js'

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

/** Reads every object of the request once, each into its clean copy. Throws `SourceError` for a file that is wrong as a whole. */
export async function readObjects(
  request: ConformRequest,
  engine: Engine,
  files: CleanFiles,
  onProgress: (progress: ConformProgress) => void,
): Promise<ReadObject[]> {
  const source = request.mapping.name
  const done: ReadObject[] = []
  let bytes = 0
  let rows = 0
  for (const [index, object] of request.objects.entries()) {
    const dataset = request.mapping.datasets.find((candidate) => candidate.name === object.dataset)
    if (!dataset) throw new Error(`${source} has no dataset ${object.dataset}`)
    const report = () => onProgress({ phase: 'read', subject: dataset.name, rows, bytes })
    report()
    try {
      const read = await readObject(object, index + 1, dataset, engine, files, (more) => {
        bytes += more
        report()
      })
      rows += read.records
      done.push(read)
      report()
    } catch (error) {
      if (error instanceof FileProblem) throw fileError(error, { source, dataset: dataset.name, file: object.file })
      throw error
    }
  }
  files.closeRejects()
  return done
}

async function readObject(
  object: LocalObject,
  ordinal: number,
  dataset: Dataset,
  engine: Engine,
  files: CleanFiles,
  onBytes: (bytes: number) => void,
): Promise<ReadObject> {
  const { format, columns } = dataset
  if (format.kind === 'parquet') {
    const file = await describeParquet(engine.connection, object.path)
    requireColumns(file, columns)
    onBytes(object.bytes)
    return { ...object, ordinal, records: file.rows, readable: file.rows }
  }
  const { result, layout } = await files.copy(ordinal, (sink) =>
    readRecords(object.path, format, columns, sink, onBytes),
  )
  return { ...object, ordinal, records: result.rows, readable: result.readable, ...(layout ? { layout } : {}) }
}
