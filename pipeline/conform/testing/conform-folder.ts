import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Entity } from '../../../models/types.js'
import { findFiles } from '../../sources/find-files.js'
import { parseMapping } from '../../sources/parse-mapping.js'
import { quoteText } from '../../sources/sql-text.js'
import { TestFolder } from '../../sources/testing/mapping-folder.js'
import { type ConformOptions, conform } from '../conform.js'
import type { ConformedEntity, ConformRequest, ConformResult } from '../contract.js'
import { runRequest } from '../run-request.js'

const yamlHead = `name: shop
currency: EUR
timezone: Europe/Oslo
country: NO
`

/** A source made of text: its mapping, its files, and what conform makes of them. */
export class ConformFolder {
  readonly folder = new TestFolder()
  private requests = 0

  constructor(private readonly entities: readonly Entity[]) {}

  /** `mapping` holds source.yaml (without its head) and the SELECTs, `data` the files. */
  write(mapping: Readonly<Record<string, string>>, data: Readonly<Record<string, string | Buffer>>): this {
    const files = Object.entries(mapping).map(([name, text]) => [
      `shop/${name}`,
      name === 'source.yaml' ? yamlHead + text : text,
    ])
    this.folder.write(Object.fromEntries(files))
    this.folder.write(Object.fromEntries(Object.entries(data).map(([name, content]) => [`data/${name}`, content])))
    return this
  }

  async request(): Promise<ConformRequest> {
    const mapping = await parseMapping(join(this.folder.path, 'shop'), this.entities)
    const files = await findFiles(mapping, join(this.folder.path, 'data'))
    const objects = files.map((file) => ({
      ...file,
      key: `bronze/${file.dataset}/${file.file}`,
      sha256: '',
      rows: 0,
      runId: 'run1',
    }))
    const keys = (datasets: readonly string[]) =>
      objects.filter((each) => datasets.includes(each.dataset)).map(({ key }) => key)
    const workDirectory = join(this.folder.path, `work ${++this.requests}`)
    await mkdir(workDirectory)
    return {
      ...{ mapping, runId: 'run1', objects, workDirectory, memoryLimitMb: 512 },
      entities: mapping.entities.map((each) => {
        return {
          entity: each.entity,
          objectKeys: keys([each.from]),
          lookupKeys: keys(each.lookups),
          hash: `hash of ${each.entity}`,
        }
      }),
    }
  }

  /** In this process. */
  async run(): Promise<ConformResult> {
    return runRequest(await this.request(), this.entities, () => {})
  }

  /** As the product does it, in a child process. */
  async conform(options: ConformOptions = {}): Promise<ConformResult> {
    return conform(await this.request(), { entities: this.entities, ...options })
  }

  remove(): void {
    this.folder.remove()
  }
}

/** The rows of a batch in the order of the file, as text. */
export async function batchRows(batch: ConformedEntity | undefined, columns: string): Promise<(string | null)[][]> {
  if (!batch) throw new Error('no such batch')
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const found = await connection.runAndReadAll(`SELECT ${columns} FROM read_parquet(${quoteText(batch.parquetPath)})`)
    return found.getRows().map((row) => row.map((value) => (value === null ? null : String(value))))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export interface QuarantineLine {
  readonly dataset: string
  readonly object: string
  readonly row: number
  readonly lines: number
  readonly reason: string
  readonly column: string | null
  readonly raw: string
}

export function quarantineLines(batch: ConformedEntity | undefined): QuarantineLine[] {
  if (!batch?.quarantinePath) return []
  const lines = readFileSync(batch.quarantinePath, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as QuarantineLine)
}
