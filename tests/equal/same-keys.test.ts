import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packagedMappings } from '../../pipeline/sources/load-mappings.js'
import { readRawFiles } from '../oracle/input.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { expectGoldOf } from './compare.js'

let installation: TestInstallation

beforeAll(async () => {
  installation = await createInstallation({
    sources: { demo: 'demo-21', other: 'demo-22' },
    mappings: ['mappings'],
  })
  const mapping = join(installation.folder, 'mappings', 'other')
  await cp(join(packagedMappings(), 'demo'), mapping, { recursive: true })
  const yaml = join(mapping, 'source.yaml')
  await writeFile(yaml, (await readFile(yaml, 'utf8')).replace('name: demo', 'name: other'))
})
afterAll(() => installation?.remove())

it('two sources whose keys are the same do not meet: each is equal to itself alone, in both warehouses', async () => {
  const folders = [
    await generateSmallDemo(installation.folder, { seed: 21 }),
    await generateSmallDemo(installation.folder, {
      seed: 22,
      sales: 200,
      customers: 90,
      products: 25,
      to: '2024-12-20',
    }),
  ] as const
  const app = installation.open()
  const run = await app.run({}, () => {}).finally(() => app.close())
  expect(run).toMatchObject({ status: 'published', failedSources: [], quarantine: [] })
  await expectGoldOf(installation.config, [
    await readRawFiles(folders[0], 'demo'),
    await readRawFiles(folders[1], 'other'),
  ])
})
