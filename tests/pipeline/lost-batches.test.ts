import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../pipeline/run-events.js'
import type { StoresReport } from '../../src/app.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { StoreFolders } from './store-folders.js'

const stores = ['disk', 'second']

const anyOf = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, expect.anything()]))

describe('batches that no store has right', () => {
  let folders: StoreFolders
  let whole: Readonly<Record<string, string>>
  let gold: string

  beforeAll(async () => {
    folders = await StoreFolders.create({ second: true })
    // So that something is rejected too.
    await appendFile(join(folders.data, 'customers.ndjson'), 'not JSON\n')
    expect(await folders.run()).toMatchObject({ status: 'published' })
    whole = await folders.content('disk')
    gold = await goldOf('duckdb')
  })
  afterAll(() => folders?.installation.remove())

  const goldOf = async (name: string) => goldHash((await readGold(folders.installation.config)).get(name))

  async function emptyDuckDb(): Promise<void> {
    await rm(join(folders.installation.folder, 'home', 'warehouses', 'duckdb'), { recursive: true })
  }

  async function build(): Promise<{ run: Awaited<ReturnType<StoreFolders['run']>>; repairs: RunEvent[] }> {
    const events: RunEvent[] = []
    const run = await folders.with((app) => app.buildWarehouse('duckdb', (event) => events.push(event)))
    return { run, repairs: events.filter(({ step, state }) => step === 'repair' && state === 'done') }
  }

  async function expectWhole(): Promise<void> {
    for (const store of stores) expect(await folders.content(store), store).toEqual(whole)
    expect((await folders.verify({ deep: true })).sound).toBe(true)
    expect(await findOrphans(folders.installation)).toEqual([])
  }

  const found = ({ stores: reports }: StoresReport) =>
    reports.flatMap(({ store, findings }) => findings.map(({ key, ...each }) => ({ store, ...each })))

  it('are not looked for in a file among the manifests that is none: it is told of and left, with all that it may name', async () => {
    const strangers = {
      'manifests/silver/notes.json': 'a note',
      'silver/notes/x.parquet': 'named by nobody knows what',
    }
    for (const [key, content] of Object.entries(strangers)) {
      await mkdir(dirname(join(folders.folder('disk'), key)), { recursive: true })
      await writeFile(join(folders.folder('disk'), key), content)
    }
    const orphan = join(folders.folder('disk'), 'silver/demo/orphan.parquet')
    await writeFile(orphan, 'left by a run that was killed')
    const events: RunEvent[] = []
    const run = await folders.with((app) => app.run({}, (event) => events.push(event)))
    expect(run.status).toBe('unchanged')
    expect(events.filter(({ step }) => step === 'sweep')).toEqual([
      expect.objectContaining({ subject: 'disk manifests/silver/notes.json', state: 'skipped' }),
    ])
    expect(await folders.content('disk')).toMatchObject({ ...whole, ...anyOf(Object.keys(strangers)) })
    await expect(readFile(orphan)).rejects.toMatchObject({ code: 'ENOENT' })
    for (const key of Object.keys(strangers)) await rm(join(folders.folder('disk'), key))
  })

  it('are conformed again when a warehouse needs them, to the same bytes and the same Gold', async () => {
    for (const store of stores) {
      await rm(join(folders.folder(store), 'silver'), { recursive: true })
      await rm(join(folders.folder(store), 'quarantine'), { recursive: true })
    }
    await emptyDuckDb()
    const { run, repairs } = await build()
    expect(run).toMatchObject({ status: 'published', warehouses: [{ warehouse: 'duckdb', outcome: 'published' }] })
    expect(await goldOf('duckdb')).toBe(gold)
    expect(repairs).toHaveLength(9)
    expect(repairs[0]).toMatchObject({
      subject: 'demo',
      rows: expect.any(Number),
      message: expect.stringMatching(/^silver\/demo\/.* conformed again from Bronze and written to disk, second$/),
    })
    await expectWhole()
  })

  it('are conformed again when one is damaged everywhere, and the others stay as they are', async () => {
    const [key = ''] = await folders.keys('disk', 'silver/demo/sales/')
    for (const store of stores) await folders.flip(store, key)
    await emptyDuckDb()
    const { run, repairs } = await build()
    expect(run.status).toBe('published')
    expect(repairs.map(({ message }) => message?.split(' ')[0])).toEqual([key])
    expect(await goldOf('duckdb')).toBe(gold)
    await expectWhole()
  })

  it('are conformed again of what a manifest said when it was written, not of a damaged one', async () => {
    const [manifest = ''] = await folders.keys('disk', 'manifests/bronze/')
    const path = join(folders.folder('disk'), manifest)
    await chmod(path, 0o644)
    await writeFile(path, (await readFile(path, 'utf8')).replace(/("key": "[^"]*)sales\.ndjson/, '$1salet.ndjson'))
    const [key = ''] = await folders.keys('disk', 'silver/demo/sales/')
    for (const store of stores) await folders.flip(store, key)
    await emptyDuckDb()
    expect((await build()).run.status).toBe('published')
    expect((await folders.verify({ repair: true })).stores[0]?.findings).toMatchObject([{ key: manifest }])
    await expectWhole()
  })

  it('are conformed again by a run that fills a new store', async () => {
    await folders.empty('second')
    await rm(join(folders.folder('disk'), 'silver'), { recursive: true })
    expect(await folders.run()).toMatchObject({ status: 'unchanged' })
    await expectWhole()
  })

  it('are conformed again by a repair, which says so', async () => {
    const [silver = ''] = await folders.keys('disk', 'silver/demo/stores/')
    const [quarantine = ''] = await folders.keys('disk', 'quarantine/')
    for (const store of stores) {
      await rm(join(folders.folder(store), silver))
      await folders.flip(store, quarantine)
    }
    expect(found(await folders.verify({ deep: true }))).toHaveLength(4)
    const repaired = await folders.verify({ deep: true, repair: true })
    expect(repaired.sound).toBe(true)
    for (const each of found(repaired)) expect(each).toMatchObject({ conformedAgain: true })
    await expectWhole()
  })

  it('end with an error that names the raw file when that is lost too, and a backup of it in any store mends all', async () => {
    const [silver = ''] = await folders.keys('disk', 'silver/demo/products/')
    const [raw = ''] = await folders.keys('disk', 'bronze/demo/products/')
    const backup = await readFile(join(folders.folder('second'), raw))
    for (const store of stores) for (const key of [silver, raw]) await rm(join(folders.folder(store), key))
    await emptyDuckDb()
    const { run } = await build()
    expect(run.status).toBe('failed')
    const [{ message = '' } = {}] = run.warehouses
    for (const said of [silver, raw, 'from a backup']) expect(message).toContain(said)
    const report = await folders.verify({ repair: true })
    expect(report.sound).toBe(false)
    for (const { notRepaired } of found(report)) expect(notRepaired).toContain(raw)

    await folders.put('second', raw, backup)
    expect((await build()).run.status).toBe('published')
    expect(await goldOf('duckdb')).toBe(gold)
    await expectWhole()
  })
})
