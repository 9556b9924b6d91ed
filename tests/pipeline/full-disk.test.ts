import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { SmallDisk, whyNoSmallDisk } from '../setup/small-disk.js'
import { StoreFolders } from './store-folders.js'

const reason = whyNoSmallDisk()

if (reason !== undefined) console.log(`The tests of a full disk are skipped: ${reason}.`)

describe.skipIf(reason !== undefined)('a disk that is full', () => {
  let folders: StoreFolders
  let home: SmallDisk
  let second: SmallDisk
  let third: SmallDisk

  beforeAll(async () => {
    folders = await StoreFolders.create({ second: true, third: false })
    home = SmallDisk.mount(join(folders.installation.folder, 'home'), 96)
    second = SmallDisk.mount(folders.folder('second'), 4)
    third = SmallDisk.mount(folders.folder('third'), 4)
    expect(await folders.run()).toMatchObject({ status: 'published' })
  })
  afterAll(async () => {
    for (const disk of [home, second, third]) disk?.unmount()
    await folders?.installation.remove()
  })

  /** Something new to land, conform, copy and build. */
  async function changeReturns(): Promise<void> {
    const path = join(folders.data, 'returns.ndjson')
    await writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(1).join('\n'))
  }

  const goldOf = async (name: string) => goldHash((await readGold(folders.installation.config)).get(name))

  async function expectRepaired(): Promise<void> {
    expect(await folders.run()).toMatchObject({ status: 'published' })
    expect(await goldOf('duckdb')).toBe(await goldOf('postgres'))
    expect(await folders.content('second')).toEqual(await folders.content('disk'))
    expect(await folders.content('third')).toEqual(await folders.content('disk'))
    expect((await folders.verify({ deep: true })).sound).toBe(true)
    expect(await findOrphans(folders.installation)).toEqual([])
  }

  it.each([
    ['when it lands', 0, /^demo: Cannot write bronze.*the disk is full\. Free some space/],
    ['when it builds', 512 * 1024, /^duckdb: Warehouse duckdb has no space left.*Free some and run again/],
  ])('fails a run %s; the next one, with space, repairs', async (_when, free, said) => {
    const before = await goldOf('duckdb')
    await changeReturns()
    await home.fill(free)
    expect(await folders.run()).toMatchObject({ status: 'failed' })
    expect((await folders.status()).runs[0]?.error).toMatch(said)
    expect(await goldOf('duckdb')).toBe(before)
    await home.makeRoom()
    await expectRepaired()
  })

  it('makes a store owe what it could not take; no warehouse is touched when it is a required one', async () => {
    const [before, builds] = [await goldOf('postgres'), (await folders.status()).builds.length]
    await changeReturns()
    for (const disk of [second, third]) await disk.fill(0)
    const run = await folders.run()
    expect(run).toMatchObject({ status: 'failed', warehouses: [] })
    const full = expect.stringContaining('the disk is full. Free some space')
    expect(run.stores.slice(1)).toMatchObject([
      { store: 'second', outcome: 'failed', manifestsOwed: 2, message: full },
      { store: 'third', outcome: 'owed', manifestsOwed: 2, message: full },
    ])
    expect((await folders.status()).builds).toHaveLength(builds)
    expect(await goldOf('postgres')).toBe(before)
    for (const disk of [second, third]) await disk.makeRoom()
    await expectRepaired()
  })
})
