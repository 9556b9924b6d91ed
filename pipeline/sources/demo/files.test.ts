import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoDatasetNames } from './datasets.js'
import { type DemoProgress, generateDemo } from './generate.js'
import type { DemoOptions } from './options.js'
import { hashes, exactNumbers as numbers, parseCsv, readAll } from './testing/read-generated.js'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'demo files ü '))
  await generated('main', numbers)
})

afterAll(() => rm(root, { recursive: true, force: true }))

async function generated(name: string, options: Partial<DemoOptions>): Promise<string> {
  const directory = join(root, name)
  await generateDemo(options, directory)
  return directory
}

describe('files', () => {
  it('of the same seed and options are the same bytes, in another process too', async () => {
    const other = join(root, 'other process')
    const script = `import { generateDemo } from ${JSON.stringify(new URL('./generate.ts', import.meta.url).href)}
      await generateDemo(${JSON.stringify(numbers)}, ${JSON.stringify(other)})`
    await finished(
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'inherit' }),
    )
    expect(await hashes(other)).toEqual(await hashes(join(root, 'main')))
  })

  it('of another seed differ, and more customers leave the products as they are', async () => {
    const main = await hashes(join(root, 'main'))
    const seeded = await hashes(await generated('seeded', { ...numbers, seed: 2 }))
    for (const name of Object.keys(main)) expect(seeded[name]).not.toBe(main[name])
    const larger = await hashes(await generated('larger', { ...numbers, customers: 600 }))
    expect(larger['products.ndjson']).toBe(main['products.ndjson'])
  })

  it('hold the same rows in every format', async () => {
    const json = await generated('json', { ...numbers, format: 'json' })
    const csv = await generated('csv', { ...numbers, format: 'csv' })
    const data = await readAll(join(root, 'main'))
    for (const dataset of demoDatasetNames) {
      const lines = await readFile(join(root, 'main', `${dataset}.ndjson`), 'utf8')
      const array = await readFile(join(json, `${dataset}.json`), 'utf8')
      expect(array).toBe(`[\n${lines.trimEnd().replaceAll('\n', ',\n')}\n]\n`)
      const table = parseCsv(await readFile(join(csv, `${dataset}.csv`), 'utf8'))
      const [header = [], ...rows] = table
      expect(header).toEqual(Object.keys(data[dataset][0] ?? {}))
      expect(rows).toEqual(data[dataset].map((row) => Object.values(row).map((value) => value ?? '')))
    }
  })

  it('without rows are none as NDJSON, an array as JSON, a header as CSV', async () => {
    const empty = { ...numbers, stores: 0, inventory: 0, campaigns: 0, customers: 0, returnRate: 0, sales: 50 }
    const directory = await generated('empty', numbers)
    await generateDemo(empty, directory)
    expect((await readdir(directory)).sort()).toEqual(['products.ndjson', 'sale_items.ndjson', 'sales.ndjson'])
    const json = await generated('empty json', { ...empty, format: 'json' })
    expect(JSON.parse(await readFile(join(json, 'stores.json'), 'utf8'))).toEqual([])
    const csv = await generated('empty csv', { ...empty, format: 'csv' })
    expect(await readFile(join(csv, 'inventory.csv'), 'utf8')).toBe(
      'inventory_id,product_id,store_id,stock_quantity,reorder_level,last_updated_at\n',
    )
  })

  it('of a generate that is killed do not appear, and the next one removes what it left', async () => {
    const directory = join(root, 'killed')
    const script = `import { generateDemo } from ${JSON.stringify(new URL('./generate.ts', import.meta.url).href)}
      await generateDemo({ sales: 5_000_000 }, ${JSON.stringify(directory)}, { onProgress: ({ sales }) => sales > 1000 && process.kill(process.pid, 'SIGKILL') })`
    await finished(spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]))
    const left = await readdir(directory)
    expect(left.length).toBe(1)
    expect(left[0]).toMatch(/^\.generating-/)
    await generateDemo({ ...numbers, sales: 10 }, directory)
    expect((await readdir(directory)).every((name) => name.endsWith('.ndjson'))).toBe(true)
  })

  it('of a generate that is cancelled stay what they were', async () => {
    const directory = await generated('cancelled', numbers)
    const before = await hashes(directory)
    const controller = new AbortController()
    const onProgress = ({ sales }: DemoProgress) => {
      if (sales > 0) controller.abort()
    }
    const cancelled = generateDemo({ sales: 1_000_000 }, directory, { signal: controller.signal, onProgress })
    await expect(cancelled).rejects.toThrow(/abort/i)
    expect(await hashes(directory)).toEqual(before)
  })

  it('that are in the way of the folder give an error', async () => {
    const file = join(root, 'a file')
    await writeFile(file, 'x')
    await expect(generateDemo({ sales: 10 }, file)).rejects.toMatchObject({ code: 'EEXIST' })
  })
})

describe('memory', () => {
  it('does not grow with the number of sales', async () => {
    const peakOf = async (sales: number) => {
      const directory = join(root, `memory ${sales}`)
      const script = `import { generateDemo } from ${JSON.stringify(new URL('./generate.ts', import.meta.url).href)}
        await generateDemo({ sales: ${sales}, format: 'csv' }, ${JSON.stringify(directory)})
        console.log(process.resourceUsage().maxRSS)`
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
      let output = ''
      child.stdout.on('data', (text) => {
        output += text
      })
      await finished(child)
      await rm(directory, { recursive: true })
      return Number(output) / 1024
    }
    const [small, large] = [await peakOf(20_000), await peakOf(400_000)]
    expect(large - small).toBeLessThan(60)
  })
})

function finished(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', () => resolve()))
}
