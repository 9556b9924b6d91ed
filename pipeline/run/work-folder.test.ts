import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { claimWorkFolder } from './work-folder.js'

it('a runner has a folder of its own, clears those of earlier ones and leaves a later one’s alone', async () => {
  const home = await mkdtemp(join(tmpdir(), 'goldgate-work-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const work = join(home, 'work')
  const fill = async (name: string) => {
    await mkdir(join(work, name), { recursive: true })
    await writeFile(join(work, name, 'sales.parquet'), 'x')
  }
  for (const name of ['8', '9', '11', 'conform demo']) await fill(name)
  expect(await claimWorkFolder(work, 9n)).toBe(join(work, '9'))
  expect(await readdir(work)).toEqual(['11', '9'])
  expect(await readdir(join(work, '9'))).toEqual([])
  expect(await readdir(join(work, '11'))).toEqual(['sales.parquet'])
})
