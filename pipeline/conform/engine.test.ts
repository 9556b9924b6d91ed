import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TestFolder } from '../sources/testing/mapping-folder.js'
import { Engine } from './engine.js'

const mapping = {
  name: 'x',
  directory: '',
  currency: 'EUR',
  timezone: 'UTC',
  country: 'NO',
  datasets: [],
  entities: [],
}

it('opens nothing but the work directory and the objects it was given, and cannot be told otherwise', async () => {
  const folder = new TestFolder().write({ 'given.txt': 'given', 'other.txt': 'other' })
  const workDirectory = join(folder.path, 'work')
  await mkdir(workDirectory)
  writeFileSync(join(workDirectory, 'inside.txt'), 'inside')
  const engine = await Engine.open({
    mapping,
    workDirectory,
    memoryLimitMb: 100,
    readablePaths: [join(folder.path, 'given.txt')],
  })
  const read = (file: string) => engine.rows(`SELECT content FROM read_text('${join(folder.path, file)}')`)
  try {
    expect(await read('given.txt')).toEqual([['given']])
    expect(await read('work/inside.txt')).toEqual([['inside']])
    await expect(read('other.txt')).rejects.toThrow(/Permission/)
    await expect(engine.run('SET enable_external_access = true')).rejects.toThrow()
    await expect(engine.run(`COPY (SELECT 1) TO '${join(folder.path, 'out.csv')}'`)).rejects.toThrow(/Permission/)
  } finally {
    engine.close()
    folder.remove()
  }
})
