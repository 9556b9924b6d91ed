import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { LogicalType } from '../../models/types.js'
import { textLiteral } from '../dialect/standard.js'

export interface CsvColumn {
  readonly name: string
  readonly type: LogicalType
}

export interface CsvOptions {
  /** Made if missing; the parts are written to it. */
  readonly directory: string
  /** Begins the names of the parts. */
  readonly prefix: string
  /** Rows of one part. Default 250,000: tens of megabytes. */
  readonly rowsPerPart?: number
  /** Of the DuckDB instance, in megabytes. Default 256. */
  readonly memoryLimitMb?: number
}

/**
 * Turns a Parquet file into CSV without a header, in parts, for bulk loaders that read nothing better. Text is always quoted and NULL is an
 * empty field, so that the empty string, NULL and `\N` stay three different things; timestamps are in UTC. Each part is deleted once the
 * consumer asks for the next, which is written meanwhile, so that memory and disk stay constant whatever the file's size.
 * Throws DuckDB's error for a file that is not readable or lacks a column.
 */
export async function* parquetToCsv(
  parquetPath: string,
  columns: readonly CsvColumn[],
  options: CsvOptions,
): AsyncGenerator<string, void, undefined> {
  await mkdir(options.directory, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryLimitMb ?? 256}MB`,
    temp_directory: join(options.directory, 'duckdb'),
    preserve_insertion_order: 'false',
  })
  try {
    const connection = await instance.connect()
    await connection.run(`SET TimeZone = 'UTC'`)
    yield* parts(connection, parquetPath, columns, options)
  } finally {
    instance.closeSync()
  }
}

async function* parts(
  connection: DuckDBConnection,
  parquetPath: string,
  columns: readonly CsvColumn[],
  options: CsvOptions,
): AsyncGenerator<string, void, undefined> {
  const rowsPerPart = options.rowsPerPart ?? 250_000
  const rows = await rowCount(connection, parquetPath)
  const starts = Array.from({ length: Math.ceil(rows / rowsPerPart) }, (_, part) => part * rowsPerPart)
  const write = async (start: number | undefined): Promise<string | undefined> => {
    if (start === undefined) return undefined
    const path = join(options.directory, `${options.prefix}-${start}.csv`)
    await connection.run(copyStatement(parquetPath, columns, path, start, start + rowsPerPart))
    return path
  }
  let next = write(starts[0])
  try {
    for (let index = 1; ; index += 1) {
      const path = await next
      if (path === undefined) return
      next = write(starts[index])
      // Its failure is thrown when its turn comes, not while the consumer still reads this part.
      next.catch(() => undefined)
      yield path
      await rm(path, { force: true })
    }
  } finally {
    await next.catch(() => undefined)
    for (const start of starts) await rm(join(options.directory, `${options.prefix}-${start}.csv`), { force: true })
  }
}

async function rowCount(connection: DuckDBConnection, parquetPath: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT COUNT(*) FROM read_parquet(${textLiteral(parquetPath)})`)
  return Number(reader.getRows()[0]?.[0] ?? 0)
}

/** Parquet is read by row groups: a range of row numbers costs only the groups that hold it. */
function copyStatement(
  parquetPath: string,
  columns: readonly CsvColumn[],
  csvPath: string,
  from: number,
  to: number,
): string {
  const names = columns.map((column) => identifier(column.name)).join(', ')
  const texts = columns.filter(({ type }) => type.kind === 'text' || type.kind === 'enum')
  const quoted = texts.map((column) => identifier(column.name)).join(', ')
  return (
    `COPY (SELECT ${names} FROM read_parquet(${textLiteral(parquetPath)}, file_row_number = true)` +
    ` WHERE file_row_number >= ${from} AND file_row_number < ${to})` +
    ` TO ${textLiteral(csvPath)} (FORMAT csv, HEADER false, NULLSTR '', DELIMITER ',', QUOTE '"', ESCAPE '"'` +
    `${quoted === '' ? '' : `, FORCE_QUOTE (${quoted})`})`
  )
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
