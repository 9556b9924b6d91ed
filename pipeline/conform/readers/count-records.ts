import type { Dataset } from '../../sources/mapping.js'
import { SourceError, type SourcePlace } from '../../sources/source-error.js'
import { readParquetFile, requireColumns } from './parquet-file.js'
import { readRecords } from './read-records.js'
import { FileProblem } from './record-sink.js'

/**
 * Raw records of a file: rejected ones included, header and blank lines not. The same number as conform finds, and what is wrong with
 * the file as a whole is found here as there. Throws `SourceError` (FILE_EMPTY, FILE_UNREADABLE, COLUMN_UNKNOWN); `where` names the
 * file in it.
 */
export async function countRecords(
  path: string,
  { format, columns }: Pick<Dataset, 'format' | 'columns'>,
  where?: SourcePlace,
): Promise<number> {
  try {
    if (format.kind === 'parquet') {
      const file = await readParquetFile(path)
      requireColumns(file, columns)
      return file.rows
    }
    return (await readRecords(path, format, columns, { countsOnly: true, open: () => undefined, reject: () => {} }))
      .rows
  } catch (error) {
    if (error instanceof FileProblem) throw fileError(error, where ?? { source: '', file: path })
    throw error
  }
}

export function fileError(problem: FileProblem, where: SourcePlace): SourceError {
  const names = [where.source, where.dataset && `dataset ${where.dataset}`, where.file && `file ${where.file}`]
  const message = `${names.filter(Boolean).join(', ')}: ${problem.message}.`
  const place = problem.column === undefined ? where : { ...where, column: problem.column }
  return new SourceError(problem.code, message, place, { cause: problem.cause })
}
