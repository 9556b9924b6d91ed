import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { findFiles } from '../sources/find-files.js'
import type { Mapping } from '../sources/mapping.js'
import { quoteText } from '../sources/sql-text.js'
import { type ConformOptions, conform } from './conform.js'
import type {
  ConformedEntity,
  ConformRequest,
  DatasetCounts,
  EntityCounts,
  LocalObject,
  QuarantineReason,
} from './contract.js'

export interface SourcePreview {
  readonly source: string
  readonly datasets: readonly DatasetCounts[]
  readonly entities: readonly EntityPreview[]
}

interface EntityPreview {
  readonly entity: string
  readonly counts: EntityCounts
  readonly quarantine: readonly QuarantineReason[]
  readonly columns: readonly string[]
  /** The first rows by key, as text; NULL is null. */
  readonly rows: readonly (readonly (string | null)[])[]
}

export interface PreviewOptions extends ConformOptions {
  /** Rows of each entity. Default 5. */
  readonly rows?: number
  /** Default 1,024. */
  readonly memoryLimitMb?: number
}

/** Conforms a data folder as it lies there, without a store or a warehouse, and keeps nothing. Throws `SourceError`. */
export async function previewSource(
  mapping: Mapping,
  dataDirectory: string,
  options: PreviewOptions = {},
): Promise<SourcePreview> {
  const files = await findFiles(mapping, dataDirectory)
  const objects: LocalObject[] = files.map(({ dataset, file, path, bytes }) => {
    return { dataset, file, path, bytes, key: `${dataset}/${file}`, sha256: '', rows: 0, runId: 'preview' }
  })
  const keys = (datasets: readonly string[]) =>
    objects.filter((each) => datasets.includes(each.dataset)).map(({ key }) => key)
  const workDirectory = await mkdtemp(join(tmpdir(), 'goldgate-preview-'))
  try {
    const request: ConformRequest = {
      mapping,
      runId: 'preview',
      objects,
      entities: mapping.entities.map(({ entity, from, lookups }) => {
        return { entity, objectKeys: keys([from]), lookupKeys: keys(lookups), hash: '' }
      }),
      workDirectory,
      memoryLimitMb: options.memoryLimitMb ?? 1024,
    }
    const { entities, datasets } = await conform(request, options)
    return {
      source: mapping.name,
      datasets,
      entities: await Promise.all(entities.map((each) => firstRows(each, options.rows ?? 5))),
    }
  } finally {
    await rm(workDirectory, { recursive: true, force: true })
  }
}

async function firstRows(conformed: ConformedEntity, limit: number): Promise<EntityPreview> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const from = `read_parquet(${quoteText(conformed.parquetPath)})`
    const found = await connection.runAndReadAll(
      `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ${from} LIMIT ${Math.max(0, Math.trunc(limit))}`,
    )
    const rows = found.getRows().map((row) => row.map((value) => (value === null ? null : String(value))))
    const { entity, counts, quarantine } = conformed
    return { entity, counts, quarantine, columns: found.columnNames(), rows }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
