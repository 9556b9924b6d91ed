import { chmod, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../pipeline/bronze/canonical-json.js'
import type { Delivery } from '../../pipeline/bronze/delivery.js'
import { hashOfText } from '../../pipeline/bronze/hash.js'
import { manifestKey } from '../../pipeline/bronze/layout.js'
import { parseDelivery } from '../../pipeline/bronze/manifest.js'
import type { StoresReport } from '../../src/app.js'
import { storesLines } from '../../src/cli/stores-report.js'
import { StoreFolders } from './store-folders.js'

describe('stores verify', () => {
  let folders: StoreFolders
  let whole: Readonly<Record<string, string>>
  let key: string

  beforeAll(async () => {
    folders = await StoreFolders.create({ second: true, third: true })
    expect(await folders.run()).toMatchObject({ status: 'published' })
    whole = await folders.content('disk')
  })
  beforeEach(async () => {
    ;[key = ''] = await folders.keys('disk', 'silver/demo/customers/')
  })
  afterAll(() => folders?.installation.remove())

  /** Store, kind and key of everything found. */
  const found = (report: StoresReport) =>
    report.stores.flatMap(({ store, findings }) => findings.map((each) => [store, each.kind, each.key]))

  it('finds nothing in stores that are whole, and says how much it looked at', async () => {
    const report = await folders.verify()
    expect(report).toMatchObject({ sound: true, lostManifests: [] })
    expect(found(report)).toEqual([])
    const objects = Object.keys(whole).length
    for (const each of report.stores) {
      expect(each.objects).toBe(objects)
      // Four listings, two manifests read, and a look at each object.
      expect(each.requests).toBe(4 + 2 + objects - 2)
    }
    const deep = await folders.verify({ deep: true })
    expect(deep.sound).toBe(true)
    for (const each of deep.stores) expect(each.bytesRead).toBe(each.bytes)
  })

  it('finds and repairs what is missing', async () => {
    await rm(join(folders.folder('second'), key))
    expect(found(await folders.verify())).toEqual([['second', 'missing', key]])
    const repaired = await folders.verify({ repair: true })
    expect(repaired.sound).toBe(true)
    expect(repaired.stores[1]?.findings).toMatchObject([{ kind: 'missing', repairedFrom: 'disk' }])
    expect(await folders.content('second')).toEqual(whole)
  })

  it('finds one flipped bit only when it reads, and copies from a store that is right', async () => {
    await folders.flip('disk', key)
    expect((await folders.verify()).sound).toBe(true)
    await folders.flip('second', key)
    const deep = await folders.verify({ deep: true })
    expect(deep.sound).toBe(false)
    expect(found(deep)).toEqual([
      ['disk', 'damaged', key],
      ['second', 'damaged', key],
    ])
    const repaired = await folders.verify({ deep: true, repair: true })
    expect(repaired.stores.map(({ findings }) => findings.map((each) => each.repairedFrom))).toEqual([
      ['third'],
      ['third'],
      [],
    ])
    for (const store of ['disk', 'second', 'third']) expect(await folders.content(store), store).toEqual(whole)
  })

  it('finds a flipped bit in a manifest without reading anything else', async () => {
    const [manifest = ''] = await folders.keys('disk', 'manifests/bronze/')
    await folders.flip('disk', manifest)
    expect(found(await folders.verify())).toEqual([['disk', 'damaged', manifest]])
    expect((await folders.verify({ repair: true })).sound).toBe(true)
    expect(await folders.content('disk')).toEqual(whole)
  })

  it('leaves a raw file that is damaged everywhere as it is, and says so', async () => {
    const [key = ''] = await folders.keys('disk', 'bronze/demo/customers/')
    for (const store of ['disk', 'second', 'third']) await folders.flip(store, key)
    const report = await folders.verify({ deep: true, repair: true })
    expect(report.sound).toBe(false)
    for (const { findings } of report.stores) expect(findings).toMatchObject([{ kind: 'damaged', key }])
    expect(report.stores[0]?.findings[0]?.notRepaired).toContain('second')
    for (const store of ['disk', 'second', 'third']) {
      expect((await folders.content(store))[key]).toBeDefined()
      await folders.flip(store, key)
      expect(await folders.content(store)).toEqual(whole)
    }
  })

  it('shows what no manifest names, does not call it wrong, and never removes it', async () => {
    await folders.put('third', 'bronze/demo/left/over.csv', 'x')
    await folders.put('third', 'of somebody else/note.txt', 'x')
    const report = await folders.verify({ repair: true })
    expect(report.sound).toBe(true)
    expect(found(report)).toEqual([['third', 'extra', 'bronze/demo/left/over.csv']])
    expect(await folders.keys('third', 'bronze/demo/left/')).toHaveLength(1)
    await rm(join(folders.folder('third'), 'bronze/demo/left'), { recursive: true })
    await rm(join(folders.folder('third'), 'of somebody else'), { recursive: true })
  })

  it('follows the control database, whatever a manifest says that somebody put into a store', async () => {
    const [manifest = ''] = await folders.keys('disk', 'manifests/bronze/')
    const [raw = ''] = await folders.keys('disk', 'bronze/demo/products/')
    const text = await readFile(join(folders.folder('disk'), manifest), 'utf8')
    const delivery = parseDelivery(text)
    const content = 'other bytes'
    const rogue: Delivery = {
      ...delivery,
      runId: 'rogue',
      objects: delivery.objects.map((each) =>
        each.key === raw ? { ...each, sha256: hashOfText(content), bytes: content.length } : each,
      ),
    }
    await chmod(join(folders.folder('third'), raw), 0o644)
    await folders.put('third', raw, content)
    const nameless = 'manifests/silver/dt=2026-01-01/run_id=a\nb/x.json'
    const extra = [manifestKey(rogue), 'manifests/bronze/notes.json']
    await folders.put('third', nameless, '{}')
    for (const key of extra) await folders.put('third', key, key === extra[0] ? canonicalJson(rogue) : '{}')
    const report = await folders.verify({ deep: true, repair: true })
    expect(report).toMatchObject({ sound: true, lostManifests: [], contradictions: [] })
    expect(found(report).filter(([, kind]) => kind !== 'extra')).toEqual([['third', 'damaged', raw]])
    expect(
      found(report)
        .filter(([, kind]) => kind === 'extra')
        .map(([, , key]) => key),
    ).toEqual(extra.sort())
    expect(storesLines(report).join('\n')).not.toContain('a\nb')
    for (const key of [...extra, nameless]) await rm(join(folders.folder('third'), key))
    for (const store of ['disk', 'second', 'third']) expect(await folders.content(store), store).toEqual(whole)
  })

  it('looks at one store only when asked to, with copies from the others', async () => {
    await folders.empty('second')
    await folders.flip('third', key)
    const report = await folders.verify({ deep: true, repair: true, store: 'second' })
    expect(report.stores.map(({ store }) => store)).toEqual(['second'])
    expect(report.sound).toBe(true)
    expect(await folders.content('second')).toEqual(whole)
    expect((await folders.verify({ deep: true, repair: true })).sound).toBe(true)
    await expect(folders.verify({ store: 'none' })).rejects.toMatchObject({ code: 'STORE_UNKNOWN' })
  })

  it('is a result when a store is down, and is not sound', async () => {
    const bringBack = await folders.takeDown('second')
    const report = await folders.verify()
    expect(report.sound).toBe(false)
    expect(report.stores[1]?.error).toContain('second')
    expect(found(report)).toEqual([])
    await bringBack()
    expect((await folders.verify()).sound).toBe(true)
  })

  it('tells what a store owes from what it lost, and records what a repair brought', async () => {
    const bringBack = await folders.takeDown('third')
    expect((await folders.run({ asOf: '2025-01-05' })).status).toBe('failed')
    await bringBack()
    const report = await folders.verify()
    expect(report.sound).toBe(false)
    expect(found(report).map(([store, kind]) => [store, kind])).toEqual([['third', 'owed']])
    expect((await folders.verify({ repair: true })).sound).toBe(true)
    expect((await folders.status()).stores.map((each) => each.manifestsOwed)).toEqual([0, 0, 0])
    expect((await folders.run({ asOf: '2025-01-05' })).stores.map(({ objects }) => objects)).toEqual([0, 0, 0])
  })
})
