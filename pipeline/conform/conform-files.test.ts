import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchRows, ConformFolder, quarantineLines } from './testing/conform-folder.js'
import { csv, good, sql, things, yaml } from './testing/things.js'

let source: ConformFolder
beforeEach(() => {
  source = new ConformFolder([things])
})
afterEach(() => source.remove())

const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1)
  return items[0] as T
}

describe('every format gives the same rows', () => {
  const records = [
    { id: '1', kind: 'good', quantity: 2, price: 1.005, made: '2024-02-29' },
    { id: '2', kind: 'BAD ', quantity: 1, price: null, made: null },
  ]
  const ndjson = records.map((record) => JSON.stringify(record)).join('\n')
  it.each<[string, string, string, Buffer | string]>([
    ['CSV', csv, 'things.csv', good],
    ['packed CSV', csv.replace('true }', 'true, gzip: true }'), 'things.csv.gz', gzipSync(good)],
    ['JSON array', 'json', 'things.json', JSON.stringify(records, null, 2)],
    ['packed JSON array', '{ json: { gzip: true } }', 'things.json.gz', gzipSync(JSON.stringify(records))],
    ['NDJSON', 'ndjson', 'things.ndjson', ndjson],
    ['packed NDJSON', '{ ndjson: { gzip: true } }', 'things.ndjson.gz', gzipSync(ndjson)],
  ])('%s', async (_what, format, file, content) => {
    source.write({ 'source.yaml': yaml(format, file), 'things.sql': sql }, { [file]: content })
    await expectGoodRows()
  })

  it('Parquet, its NUL and its untypable rows in quarantine', async () => {
    await writeParquet(
      `SELECT * FROM (VALUES ('1', 'good', 2, 1.005::DECIMAL(9,3), DATE '2024-02-29'), ('2', 'BAD ', 1, NULL, NULL))`,
    )
    await expectGoodRows()
    await writeParquet(
      `SELECT * FROM (VALUES ('1', 'good', 2, 1.5, NULL), ('2' || chr(0), 'bad', 1, NULL, NULL), ('3', 'bad', NULL, NULL, NULL))`,
    )
    const batch = only((await source.run()).entities)
    expect(batch.counts).toMatchObject({ raw: 3, loaded: 1, quarantined: 2 })
    expect(quarantineLines(batch).map(({ row, reason, column }) => [row, reason, column])).toEqual([
      [2, 'NUL_CHARACTER', 'thing_id'],
      [3, 'REQUIRED_MISSING', 'quantity'],
    ])
    expect(JSON.parse(quarantineLines(batch)[1]?.raw ?? '')).toMatchObject({ id: '3', kind: 'bad', quantity: null })
  })

  async function writeParquet(select: string): Promise<void> {
    source.write({ 'source.yaml': yaml('parquet', 'things.parquet'), 'things.sql': sql }, { 'things.parquet': '' })
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(
      `COPY (SELECT * FROM (${select}) AS t(id, kind, quantity, price, made)) TO '${source.folder.path}/data/things.parquet'`,
    )
    connection.closeSync()
    instance.closeSync()
  }

  async function expectGoodRows(): Promise<void> {
    const batch = only((await source.run()).entities)
    expect(batch.counts).toEqual({ raw: 2, loaded: 2, collapsed: 0, quarantined: 0, filtered: 0 })
    expect(await batchRows(batch, 'thing_id, kind, quantity, price, made_on, _row')).toEqual([
      ['1', 'good', '2', '1.01', '2024-02-29', '1'],
      ['2', 'bad', '1', null, null, '2'],
    ])
  }
})

describe('a file that is wrong as a whole is an error that names source, dataset, file and column', () => {
  const fails = async (content: Buffer | string, format = csv) => {
    source.write({ 'source.yaml': yaml(format), 'things.sql': sql }, { 'things.csv': content })
    return source.conform().then(
      () => undefined,
      (error: { code: string; message: string; where: unknown }) => [error.code, error.where, error.message],
    )
  }
  const where = { source: 'shop', dataset: 'things', file: 'things.csv' }
  const packed = csv.replace('true }', 'true, gzip: true }')

  it.each<[string, Buffer | string, string, string]>([
    ['empty', '', csv, 'FILE_EMPTY'],
    ['cut off in the middle of gzip', gzipSync(good.repeat(500)).subarray(0, 60), packed, 'FILE_UNREADABLE'],
    ['no gzip', good, packed, 'FILE_UNREADABLE'],
    ['no JSON array', '{"id":1}', 'json', 'FILE_UNREADABLE'],
    ['no Parquet', 'PAR1 but not really', 'parquet', 'FILE_UNREADABLE'],
    ['damaged Parquet', 'PAR1 but not really PAR1', 'parquet', 'FILE_UNREADABLE'],
  ])('%s', async (_what, content, format, code) => {
    expect(await fails(content, format)).toEqual([
      code,
      where,
      expect.stringMatching(/^shop, dataset things, file things\.csv: /),
    ])
  })

  it('a vanished column', async () => {
    expect(await fails('id,kind,quantity,made\n1,good,1,\n')).toEqual([
      'COLUMN_UNKNOWN',
      { ...where, column: 'price' },
      expect.stringContaining('has no column "price"; its header is: id, kind, quantity, made'),
    ])
  })
})
