import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { FileFormat } from '../../sources/mapping.js'
import { TestFolder } from '../../sources/testing/mapping-folder.js'
import { csvFormat, readBack } from '../testing/read-back.js'
import { countRecords } from './count-records.js'

let folder: TestFolder
beforeEach(() => {
  folder = new TestFolder()
})
afterEach(() => folder.remove())

const count = (content: Buffer | string, format: FileFormat, columns: readonly string[] = ['id']) => {
  folder.write({ file: content })
  return countRecords(
    join(folder.path, 'file'),
    { format, columns },
    { source: 'shop', dataset: 'things', file: 'file' },
  )
}

it('counts what conform finds, rejected records included, header and blank lines not', async () => {
  const csv = 'id,name\n1,a\n\n2\n3,"x\ny"\n4,"z\n5,\0\n6,"q"\n7,"b\n8,c",9\n'
  const expected = (await readBack(csv, csvFormat, ['id', 'name'])).counts.rows
  expect(await count(csv, csvFormat)).toBe(expected)
  expect(await count(gzipSync(csv), { ...csvFormat, gzip: true })).toBe(expected)
  expect(await count('{"id":1}\n\n{"id":\n[]\n', { kind: 'ndjson', gzip: false })).toBe(3)
  expect(await count('[{"id":1},{"id":},{"id":3}]', { kind: 'json', gzip: false })).toBe(3)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (FROM range(1234)) TO '${join(folder.path, 'p')}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  expect(await countRecords(join(folder.path, 'p'), { format: { kind: 'parquet' }, columns: ['range'] })).toBe(1234)
})

it('counts lines of NDJSON as conform does, whatever stands in those behind the first', async () => {
  const lines = [
    '{"id":1}',
    '',
    ' \t',
    '{"id":"\\ud800"}',
    '{"id":',
    '\0',
    'x'.repeat(3 * 1024 * 1024),
    '  {"name":2}  ',
    '[]',
  ]
  const content = Buffer.concat([Buffer.from(`${lines.join('\n')}\r\n`), Buffer.from([0xff, 10, 13, 10, 0xc3])])
  const format = { kind: 'ndjson', gzip: false } as const
  for (const columns of [['id'], ['id', 'name']]) {
    const { counts } = await readBack(content, format, columns)
    expect(counts.rows).toBe(9)
    expect(await count(content, format, columns)).toBe(counts.rows)
  }
  await expect(count(content, format, ['id', 'price'])).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' })
})

it('names the column that is not there', async () => {
  await expect(count('id\n1\n', csvFormat, ['id', 'name'])).rejects.toMatchObject({
    code: 'COLUMN_UNKNOWN',
    where: { file: 'file', column: 'name' },
  })
})

it('names the file that cannot be read', async () => {
  const where = { source: 'shop', dataset: 'things', file: 'file' }
  await expect(count('', csvFormat)).rejects.toMatchObject({ code: 'FILE_EMPTY', where })
  await expect(count(gzipSync('{"id":1}\n').subarray(0, 12), { kind: 'ndjson', gzip: true })).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    where,
  })
})
