import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dataset, Mapping } from '../../sources/mapping.js'
import { quoteText } from '../../sources/sql-text.js'
import { CleanFiles } from '../clean-files.js'
import { Engine } from '../engine.js'
import { csvOptions, rawRows } from '../raw-tables.js'
import type { RecordCounts, TextFormat } from '../readers/read-records.js'
import { readRecordChunks } from '../readers/read-records.js'

export const csvFormat: Extract<TextFormat, { kind: 'csv' }> = {
  kind: 'csv',
  encoding: 'utf-8',
  delimiter: ',',
  quote: '"',
  escape: '"',
  newline: 'lf',
  header: true,
  gzip: false,
  nullText: '',
}

const nowhere: Mapping = {
  name: 'test',
  directory: '/nowhere',
  currency: 'EUR',
  timezone: 'UTC',
  country: 'NO',
  datasets: [],
  entities: [],
}

interface ReadBackResult {
  readonly counts: RecordCounts
  /** What a SELECT sees of the columns. */
  readonly rows: readonly (readonly (string | null)[])[]
  /** Record numbers of `rows`. */
  readonly numbers: readonly number[]
  /** [record, reason, column, raw text]. */
  readonly rejects: readonly (readonly [number, string, string, string])[]
}

/** Sends bytes through a reader and its clean copy into DuckDB, and says what came out. */
export async function readBack(
  input: Buffer | string,
  format: TextFormat,
  columns: readonly string[],
  chunkBytes = 1 << 20,
): Promise<ReadBackResult> {
  const directory = await mkdtemp(join(tmpdir(), 'goldgate-readers-'))
  const engine = await Engine.open({
    mapping: nowhere,
    workDirectory: directory,
    memoryLimitMb: 512,
    readablePaths: [],
  })
  try {
    const files = await CleanFiles.create(directory)
    const chunks = pieces(Buffer.from(input), chunkBytes)
    const { result, layout } = await files.copy(1, (sink) => readRecordChunks(chunks, format, columns, sink))
    files.closeRejects()
    const dataset: Dataset = { name: 'd', files: '*', format, columns, optional: false }
    const object = {
      ordinal: 1,
      key: 'k',
      dataset: 'd',
      file: 'f',
      path: '',
      sha256: '',
      bytes: 0,
      rows: 0,
      runId: 'r',
    }
    const read = rawRows(
      dataset,
      [{ ...object, records: result.rows, readable: result.readable, ...(layout ? { layout } : {}) }],
      files,
    )
    const rows = await engine.rows(`SELECT _line."row", * EXCLUDE (_line) FROM (${read})`)
    const dialect = { delimiter: '\u001f', quote: '"', nullText: '' }
    const names = ['_o', '_n', 'reason', 'column', 'raw']
    const rejects = await engine.rows(
      `SELECT * FROM read_csv(${quoteText(files.rejectsPath)}, ${csvOptions(dialect, names)})`,
    )
    return {
      counts: result,
      rows: rows.map((row) => row.slice(1).map((value) => (value === null ? null : String(value)))),
      numbers: rows.map((row) => Number(row[0])),
      rejects: rejects.map(
        (row) => [Number(row[1]), String(row[2]), String(row[3] ?? ''), String(row[4] ?? '')] as const,
      ),
    }
  } finally {
    engine.close()
    await rm(directory, { recursive: true, force: true })
  }
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
