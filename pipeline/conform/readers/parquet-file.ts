import { open } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { quoteText } from '../../sources/sql-text.js'
import { FileProblem } from './record-sink.js'

const magic = 'PAR1'

export interface ParquetFile {
  readonly rows: number
  readonly columns: readonly string[]
}

/** Throws `FileProblem` for the first column that is not there. */
export function requireColumns(file: ParquetFile, columns: readonly string[]): void {
  const missing = columns.find((column) => !file.columns.includes(column))
  if (missing !== undefined)
    throw new FileProblem('COLUMN_UNKNOWN', `has no column "${missing}"; it has: ${file.columns.join(', ')}`, missing)
}

/** `describeParquet` with a connection of its own. */
export async function readParquetFile(path: string): Promise<ParquetFile> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    return await describeParquet(connection, path)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Rows and top-level columns, from the footer. Throws `FileProblem`. */
export async function describeParquet(connection: DuckDBConnection, path: string): Promise<ParquetFile> {
  await checkMagic(path)
  try {
    const counted = await connection.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata(${quoteText(path)})`)
    const rows = Number(counted.getRows()[0]?.[0])
    if (rows === 0) throw new FileProblem('FILE_EMPTY', 'it holds no record')
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${quoteText(path)})`)
    return { rows, columns: described.getRows().map((row) => String(row[0])) }
  } catch (cause) {
    if (cause instanceof FileProblem) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FileProblem('FILE_UNREADABLE', `it is a damaged Parquet file: ${reason.slice(0, 300)}`, undefined, {
      cause,
    })
  }
}

async function checkMagic(path: string): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size === 0) throw new FileProblem('FILE_EMPTY', 'it holds no record')
    const ends = Buffer.alloc(8)
    await file.read(ends, 0, 4, 0)
    await file.read(ends, 4, 4, Math.max(0, size - 4))
    if (ends.toString('latin1') !== magic + magic)
      throw new FileProblem('FILE_UNREADABLE', 'it is no Parquet file, or one that was cut off')
  } finally {
    await file.close()
  }
}
