import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findFiles } from './find-files.js'
import { globToRegExp } from './glob.js'
import type { Mapping } from './mapping.js'
import { TestFolder } from './testing/mapping-folder.js'

let folder: TestFolder
beforeEach(() => {
  folder = new TestFolder().write({ 'b.csv': 'x', 'a.csv': 'xx', 'deep/er/c.csv': 'x', 'deep/d.CSV': 'x' })
})
afterEach(() => folder.remove())

const mapping = (files: string, optional = false): Mapping => ({
  ...{ name: 'shop', directory: '', currency: 'EUR', timezone: 'UTC', country: 'NO', entities: [] },
  datasets: [{ name: 'd', files, optional, columns: ['x'], format: { kind: 'ndjson', gzip: false } }],
})

describe('the files of a dataset', () => {
  it.each([
    ['*.csv', ['a.csv', 'b.csv']],
    ['**/*.csv', ['a.csv', 'b.csv', 'deep/er/c.csv']],
    ['deep/**', ['deep/d.CSV', 'deep/er/c.csv']],
    ['{a,deep/er/c}.csv', ['a.csv', 'deep/er/c.csv']],
    ['?.csv', ['a.csv', 'b.csv']],
  ])('%s', async (pattern, expected) => {
    const found = await findFiles(mapping(pattern), folder.path)
    expect(found.map(({ file }) => file)).toEqual(expected)
  })

  it('missing ones are named with source and dataset, unless they are optional', async () => {
    await expect(findFiles(mapping('z.csv'), folder.path)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      where: { source: 'shop', dataset: 'd', file: 'z.csv' },
    })
    expect(await findFiles(mapping('z.csv', true), folder.path)).toEqual([])
  })

  it('a folder that is not there is named', async () => {
    await expect(findFiles(mapping('*'), `${folder.path}/none`)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })

  it('a file is no folder, and the one that it lies in is named', async () => {
    const file = join(folder.path, 'a file.csv')
    await writeFile(file, '')
    await expect(findFiles({ ...mapping('*'), name: 'demo' }, file)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: `The data folder of demo cannot be read: ${file}. It is a file: name the folder that it lies in, ${folder.path}.`,
    })
    await expect(findFiles(mapping('*'), join(file, '2025'))).rejects.not.toMatchObject({
      message: expect.stringContaining('It is a file'),
    })
  })

  it('and, where it is the demo’s, so is the command that makes it', async () => {
    const none = `${folder.path}/none`
    const message = expect.stringContaining(`goldgate generate --out "${none}"`)
    await expect(findFiles({ ...mapping('*'), name: 'demo' }, none)).rejects.toMatchObject({ message })
    await expect(findFiles(mapping('*'), none)).rejects.not.toMatchObject({ message })
  })

  it('signs that mean something to regular expressions are themselves', () => {
    expect(globToRegExp('a+(b).[c]$').test('a+(b).[c]$')).toBe(true)
    expect(globToRegExp('a.c').test('abc')).toBe(false)
  })
})
