import { appendFile, chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statusLines } from '../../src/cli/status-report.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { StoreFolders } from './store-folders.js'

describe('a run with several stores', () => {
  let folders: StoreFolders

  beforeAll(async () => {
    folders = await StoreFolders.create({ second: true, third: false })
  })
  afterAll(() => folders?.installation.remove())

  it('leaves the same bytes in all of them, each object named by a manifest', async () => {
    const events: string[] = []
    const run = await folders.with((app) =>
      app.run({}, ({ step, subject, state }) => void events.push(`${step} ${subject} ${state}`)),
    )
    expect(run.status).toBe('published')
    const [begun, ended] = ['started', 'done'].map((state) =>
      ['second', 'third'].map((store) => events.indexOf(`replicate ${store} ${state}`)),
    )
    expect(Math.min(...(begun ?? []))).toBeGreaterThan(-1)
    expect(Math.max(...(begun ?? [])), 'side by side').toBeLessThan(Math.min(...(ended ?? [])))
    const first = await folders.content('disk')
    expect(Object.keys(first).filter((key) => key.startsWith('silver/'))).toHaveLength(8)
    expect(Object.keys(first).filter((key) => key.startsWith('manifests/'))).toHaveLength(2)
    for (const store of ['second', 'third']) expect(await folders.content(store), store).toEqual(first)
    expect(run.stores.map(({ store, outcome, objects }) => [store, outcome, objects])).toEqual([
      ['disk', 'whole', 0],
      ['second', 'whole', Object.keys(first).length],
      ['third', 'whole', Object.keys(first).length],
    ])
    const { steps } = await folders.status()
    const replicated = steps.filter(({ step }) => step === 'replicate')
    expect(replicated.map(({ subject }) => subject).sort()).toEqual(['second', 'third'])
    const bytes = run.stores.map((each) => each.bytes)
    expect(replicated.map((step) => step.bytes)).toEqual(bytes.slice(1))
    expect(await findOrphans(folders.installation)).toEqual([])
  })

  it('copies nothing when nothing is new', async () => {
    const run = await folders.run()
    expect(run.status).toBe('unchanged')
    expect(run.stores.map(({ objects }) => objects)).toEqual([0, 0, 0])
    const steps = (await folders.status()).steps.filter(({ step }) => step === 'replicate')
    expect(steps.map(({ status }) => status)).toEqual(['skipped', 'skipped'])
  })

  it('goes on without an optional store, tells its debt, and the next run pays it', async () => {
    const bringBack = await folders.takeDown('third')
    const run = await folders.run({ asOf: '2025-01-15' })
    expect(run.status).toBe('published')
    const third = run.stores.find(({ store }) => store === 'third')
    expect(third).toMatchObject({ outcome: 'owed', manifestsOwed: 1, message: expect.stringContaining('third') })
    expect(third?.bytesOwed).toBeGreaterThan(0)
    const status = await folders.status()
    const [disk, second, owing] = status.stores
    expect([disk, second]).toMatchObject([{ manifestsOwed: 0 }, { manifestsOwed: 0 }])
    expect(owing).toMatchObject({ store: 'third', required: false, manifestsOwed: 1, bytesOwed: third?.bytesOwed })
    expect(owing?.lastError).toContain('third')
    expect(Date.parse(owing?.owedSince ?? '')).toBeGreaterThan(Date.now() - 600_000)
    expect(statusLines(status).join('\n')).toMatch(/third +optional +1 +/)

    await bringBack()
    const next = await folders.run({ asOf: '2025-01-15' })
    expect(next.stores.find(({ store }) => store === 'third')).toMatchObject({ outcome: 'whole', objects: 1 })
    expect(await folders.content('third')).toEqual(await folders.content('disk'))
    expect((await folders.status()).stores[2]).toEqual({
      ...{ store: 'third', required: false, manifestsOwed: 0, bytesOwed: 0 },
    })
  })

  it('touches no warehouse while a required store is down', async () => {
    const before = await readGold(folders.installation.config)
    const bringBack = await folders.takeDown('second')
    const run = await folders.run({ asOf: '2025-01-20' })
    expect(run).toMatchObject({ status: 'failed', warehouses: [] })
    expect(run.stores[1]).toMatchObject({ store: 'second', outcome: 'failed', manifestsOwed: 1 })
    const status = await folders.status()
    expect(status.runs[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('second') })
    expect(status.steps.map(({ step }) => step)).not.toContain('load')
    expect(await readGold(folders.installation.config)).toEqual(before)

    await bringBack()
    expect(await folders.run({ asOf: '2025-01-20' })).toMatchObject({ status: 'published' })
    expect(await folders.content('second')).toEqual(await folders.content('disk'))
  })

  it('fills a store again that was emptied, whichever it is', async () => {
    const whole = await folders.content('disk')
    for (const store of ['third', 'disk']) {
      await folders.empty(store)
      expect(await folders.run({ asOf: '2025-01-20' })).toMatchObject({ status: 'unchanged' })
      expect(await folders.content(store), store).toEqual(whole)
    }
  })

  it('writes an object again whose size is not what its manifest says', async () => {
    const whole = await folders.content('disk')
    const [key = ''] = await folders.keys('third', 'bronze/')
    await folders.put('third', key, 'half')
    // The store owes what it had: its newest manifests are gone.
    await rm(join(folders.folder('third'), 'manifests'), { recursive: true })
    await folders.run({ asOf: '2025-01-20' })
    expect(await folders.content('third')).toEqual(whole)
  })

  it('does not load a damaged file of rows: it comes from another store', async () => {
    const gold = goldHash((await readGold(folders.installation.config)).get('postgres'))
    const whole = await folders.content('disk')
    const [key = ''] = await folders.keys('disk', 'silver/demo/sales/')
    await folders.flip('disk', key)
    await rm(join(folders.installation.folder, 'home', 'warehouses'), { recursive: true })
    expect(await folders.run({ asOf: '2025-01-21' })).toMatchObject({ status: 'published' })
    expect((await folders.content('disk'))[key]).toBe(whole[key])
    const [postgres, duckdb] = [...(await readGold(folders.installation.config)).values()]
    expect(goldHash(postgres)).toBe(goldHash(duckdb))
    expect(goldHash(postgres)).not.toBe(gold)
  })

  it('does not take over what a damaged manifest says: it comes from another store', async () => {
    const whole = await folders.content('disk')
    const [manifest = ''] = await folders.keys('disk', 'manifests/bronze/')
    const path = join(folders.folder('disk'), manifest)
    const text = await readFile(path, 'utf8')
    const damaged = text.replace(/("key": "[^"]*)products\.ndjson/, '$1productt.ndjson')
    expect(damaged).not.toBe(text)
    await chmod(path, 0o644)
    await writeFile(path, damaged)
    await appendFile(join(folders.data, 'customers.ndjson'), 'not JSON\n')
    expect(await folders.run({ asOf: '2025-01-22' })).toMatchObject({ status: 'published' })
    const after = await folders.content('disk')
    expect(after).toMatchObject(whole)
    for (const store of ['second', 'third']) expect(await folders.content(store), store).toEqual(after)
    expect((await folders.verify({ deep: true })).sound).toBe(true)
  })

  it('lands nothing after a manifest that is damaged in every store, until one store has it back', async () => {
    const [store, ...others] = ['second', 'disk', 'third'] as const
    const manifest = (await folders.keys(store, 'manifests/bronze/')).at(-1) ?? ''
    const backup = await readFile(join(folders.folder(store), manifest))
    for (const each of [store, ...others]) await folders.flip(each, manifest)
    await appendFile(join(folders.data, 'customers.ndjson'), 'nor this\n')
    expect((await folders.run({ asOf: '2025-01-22' })).status).toBe('failed')
    const { runs } = await folders.status()
    for (const said of [manifest, 'third', 'backup']) expect(runs[0]?.error).toContain(said)
    await folders.put(store, manifest, backup)
    expect((await folders.run({ asOf: '2025-01-22' })).status).toBe('published')
    expect(await folders.content('disk')).toMatchObject({ [manifest]: (await folders.content(store))[manifest] })
  })
})

describe('a run from another store', () => {
  let folders: StoreFolders

  beforeAll(async () => {
    folders = await StoreFolders.create({ second: true, third: false })
    expect(await folders.run()).toMatchObject({ status: 'published' })
  })
  afterAll(() => folders?.installation.remove())

  it('says which stores there are when it is none of them', async () => {
    await expect(folders.run({ from: 'fourth' })).rejects.toMatchObject({
      code: 'STORE_UNKNOWN',
      message: expect.stringContaining('disk, second, third'),
    })
    expect((await folders.status()).runs).toHaveLength(1)
  })

  it('goes on while the first store is down, and lands there', async () => {
    const bringBack = await folders.takeDown('disk')
    await writeFile(join(folders.data, 'stores.ndjson'), '', { flag: 'a' })
    const run = await folders.run({ from: 'second', asOf: '2025-01-10' })
    expect(run.status).toBe('published')
    expect(run.stores.map(({ store, outcome, manifestsOwed }) => [store, outcome, manifestsOwed])).toEqual([
      ['second', 'whole', 0],
      ['disk', 'owed', 1],
      ['third', 'whole', 0],
    ])
    await bringBack()
    expect(await folders.run({ asOf: '2025-01-10' })).toMatchObject({ status: 'unchanged' })
    expect(await folders.content('disk')).toEqual(await folders.content('second'))
  })

  it('gives the same Gold when the first store and all warehouses were emptied', async () => {
    const before = await readGold(folders.installation.config)
    const whole = await folders.content('disk')
    await folders.empty('disk')
    await folders.emptyWarehouses()
    const run = await folders.run({ from: 'second', asOf: '2025-01-10' })
    expect(run.warehouses.map(({ outcome }) => outcome)).toEqual(['published', 'published'])
    const after = await readGold(folders.installation.config)
    for (const name of ['postgres', 'duckdb']) expect(goldHash(after.get(name)), name).toBe(goldHash(before.get(name)))
    expect(await folders.content('disk')).toEqual(whole)
  })

  it('takes what that store owes from the others first', async () => {
    const bringBack = await folders.takeDown('third')
    await folders.run({ asOf: '2025-01-11' })
    await bringBack()
    const run = await folders.run({ from: 'third', asOf: '2025-01-12' })
    expect(run.stores[0]).toMatchObject({ store: 'third', outcome: 'whole', objects: 1 })
    expect(run.status).toBe('published')
    expect(await folders.content('third')).toEqual(await folders.content('disk'))
  })
})

describe('an installation of version 0.1', () => {
  it('names its old batches, and other stores get them', async () => {
    const folders = await StoreFolders.create({ second: true })
    try {
      await appendFile(join(folders.data, 'customers.ndjson'), 'not JSON\n')
      await folders.run()
      const whole = await folders.content('disk')
      const [manifest = ''] = await folders.keys('disk', 'manifests/silver/')
      const client = new pg.Client({ connectionString: folders.installation.env.TEST_CONTROL_URL })
      await client.connect()
      await client.query('UPDATE goldgate_control.batches SET manifest_key = NULL, sha256 = NULL')
      await client.query('DELETE FROM goldgate_control.replicas')
      await client.query(`DELETE FROM goldgate_control.manifests WHERE kind = 'silver'`)
      await client.query('UPDATE goldgate_control.manifests SET sha256 = NULL, objects = NULL, bytes = NULL')
      await client.end()
      await rm(join(folders.folder('disk'), manifest))
      await folders.empty('second')
      expect(await folders.run()).toMatchObject({ status: 'unchanged' })
      expect(await folders.content('disk')).toEqual(whole)
      expect(await folders.content('second')).toEqual(whole)
      expect((await folders.verify({ deep: true })).sound).toBe(true)
    } finally {
      await folders.installation.remove()
    }
  })
})
