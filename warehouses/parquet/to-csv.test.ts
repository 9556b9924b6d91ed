import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type CsvColumn, parquetToCsv } from './to-csv.js'

const columns: readonly CsvColumn[] = [
  { name: 'label', type: { kind: 'text' } },
  { name: 'amount', type: { kind: 'decimal', precision: 18, scale: 2 } },
  { name: 'moment', type: { kind: 'timestamp' } },
]

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), `goldgate [csv] 'quoted' `))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function parquet(select: string): Promise<string> {
  const path = join(directory, 'batch.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`SET TimeZone = 'Asia/Tokyo'`)
  await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`)
  instance.closeSync()
  return path
}

const numbers = (rows: number) =>
  parquet(
    `SELECT CAST(i AS VARCHAR) AS label, CAST(i AS DECIMAL(18, 2)) AS amount, CAST(NULL AS TIMESTAMPTZ) AS moment FROM range(${rows}) AS t(i)`,
  )

it('keeps NULL, the empty string and \\N apart, and writes instants in UTC', async () => {
  const path = await parquet(
    `SELECT * FROM (VALUES (NULL, 1.5, TIMESTAMPTZ '1969-12-31 23:59:59.000001+00'), ('', NULL, NULL), ('\\N', -0.05, NULL), ('a"b,c', 0, NULL)) AS t(label, amount, moment)`,
  )
  const parts: string[] = []
  for await (const part of parquetToCsv(path, columns, { directory: join(directory, 'parts'), prefix: 'p' }))
    parts.push(await readFile(part, 'utf8'))
  expect(parts).toEqual([',1.50,1969-12-31 23:59:59.000001+00\n"",,\n"\\N",-0.05,\n"a""b,c",0.00,\n'])
})

it('cuts a file into parts that hold every row once, and keeps two of them at most', async () => {
  const path = await numbers(1001)
  const parts = join(directory, 'parts')
  const labels: string[] = []
  let most = 0
  for await (const part of parquetToCsv(path, columns, { directory: parts, prefix: 'p', rowsPerPart: 100 })) {
    most = Math.max(most, (await readdir(parts)).length)
    labels.push(
      ...(await readFile(part, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split(',')[0] ?? ''),
    )
  }
  expect(labels.map((label) => Number(label.replaceAll('"', ''))).sort((a, b) => a - b)).toEqual([
    ...Array(1001).keys(),
  ])
  expect(most).toBeLessThanOrEqual(2)
  expect(await readdir(parts)).toEqual([])
})

it('leaves no part behind when the consumer stops', async () => {
  const path = await numbers(500)
  const parts = join(directory, 'parts')
  for await (const _ of parquetToCsv(path, columns, { directory: parts, prefix: 'p', rowsPerPart: 100 })) break
  expect(await readdir(parts)).toEqual([])
})

it('gives no part for a file without rows', async () => {
  const parts: string[] = []
  for await (const part of parquetToCsv(await numbers(0), columns, { directory, prefix: 'p' })) parts.push(part)
  expect(parts).toEqual([])
})

it('fails for a file that lacks a column', async () => {
  const path = await parquet('SELECT 1 AS other')
  const reading = async () => {
    for await (const _ of parquetToCsv(path, columns, { directory, prefix: 'p' })) break
  }
  await expect(reading()).rejects.toThrow(/label/)
})
