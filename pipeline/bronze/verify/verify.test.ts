import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeThrough } from '../../durable.js'
import { canonicalJson } from '../canonical-json.js'
import type { BronzeObject, Delivery } from '../delivery.js'
import { hashOfText } from '../hash.js'
import { manifestKey } from '../layout.js'
import { DiskStore } from '../stores/disk.js'
import { isSound, type VerifyRequest } from './contract.js'
import { verifyStores } from './verify.js'

type Known = VerifyRequest['manifests'][number]

let root: string
let stores: readonly DiskStore[]
let known: Known
const raw = 'bronze/shop/sales/dt=2026-01-01/run_id=r1/a.csv'

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'verify ü '))
  stores = ['a', 'b', 'c'].map((name) => new DiskStore(name, { path: join(root, name) }))
  known = await deliver('r1', [object(raw, 'right')], ['a', 'b', 'c'])
  for (const store of ['a', 'b', 'c']) await put(store, raw, 'right')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const object = (key: string, content: string, runId = 'r1'): BronzeObject => {
  const bytes = Buffer.byteLength(content)
  return { dataset: 'sales', key, file: 'a.csv', sha256: hashOfText(content), bytes, rows: 1, runId }
}

async function put(store: string, key: string, content: string): Promise<void> {
  const path = join(root, store, key)
  await mkdir(dirname(path), { recursive: true })
  await chmod(path, 0o644).catch(() => {})
  await writeFile(path, content)
}

async function deliver(runId: string, objects: readonly BronzeObject[], into: readonly string[]): Promise<Known> {
  const delivery: Delivery = { version: 1, source: 'shop', runId, dt: '2026-01-01', objects }
  const content = canonicalJson(delivery)
  for (const store of into) await put(store, manifestKey(delivery), content)
  return { key: manifestKey(delivery), sha256: hashOfText(content) }
}

const contents = (key: string) =>
  Promise.all(stores.map(async (store) => ((await store.head(key)) ? text(await store.get(key)) : undefined)))

const verify = async (manifests: readonly Known[], repair = false) => {
  const asked = { stores, manifests, isOwed: () => false, deep: true, repair, durable: writeThrough }
  const verification = await verifyStores(asked)
  const findings = verification.stores.flatMap(({ store, findings: all }) =>
    all.map(({ kind, key }) => `${store} ${kind} ${key}`),
  )
  return { ...verification, sound: isSound(verification), findings, errors: verification.stores.map((s) => s.error) }
}

describe('a manifest that the control database does not name', () => {
  it('is not believed against one that it names: the right copies stay, and the damaged one is repaired', async () => {
    await put('b', raw, 'other bytes')
    const rogue = await deliver('rogue', [object(raw, 'other bytes', 'rogue')], ['b'])
    const repaired = await verify([known], true)
    expect(await contents(raw)).toEqual(['right', 'right', 'right'])
    expect(repaired.findings).toEqual([`b damaged ${raw}`, `b extra ${rogue.key}`])
    expect(repaired.sound).toBe(true)
    expect((await verify([known])).sound).toBe(true)
  })

  it('is heard where nothing speaks against it: a new control database may have forgotten it', async () => {
    await rm(join(root, 'c'), { recursive: true })
    expect((await verify([])).findings).toEqual([`c missing ${raw}`, `c missing ${known.key}`])
    expect((await verify([], true)).sound).toBe(true)
    expect(await contents(raw)).toEqual(['right', 'right', 'right'])
  })

  it('brings about no repair of what another such manifest, or its own copy elsewhere, says otherwise', async () => {
    await deliver('r2', [object(raw, 'other bytes')], ['a', 'b', 'c'])
    await deliver('r3', [object('bronze/shop/sales/x', 'other')], ['a'])
    await deliver('r3', [object('bronze/shop/sales/x', 'another')], ['b'])
    for (const [store, content] of Object.entries({ a: 'other', b: 'another', c: 'third' })) {
      await put(store, 'bronze/shop/sales/x', content)
    }
    await put('b', raw, 'other bytes')
    await verify([], true)
    expect(await contents(raw)).toEqual(['right', 'other bytes', 'right'])
    expect(await contents('bronze/shop/sales/x')).toEqual(['other', 'another', 'third'])
  })

  it('is not followed while a manifest that could refute it is lost', async () => {
    for (const store of ['a', 'b', 'c']) await put(store, known.key, '{}')
    await put('b', raw, 'other bytes')
    await deliver('rogue', [object(raw, 'other bytes', 'rogue')], ['b'])
    const report = await verify([known], true)
    expect(report.lostManifests).toEqual([known.key])
    expect(await contents(raw)).toEqual(['right', 'other bytes', 'right'])
  })

  it('must lie where its content says, and names nothing of anybody else', async () => {
    const copied = 'manifests/bronze/dt=2026-01-02/run_id=r9/shop.json'
    await put('b', copied, (await contents(known.key))[0] ?? '')
    await put('b', 'note.txt', 'mine')
    const foreign = await deliver('r8', [object('note.txt', 'mine')], ['b'])
    const report = await verify([known], true)
    expect(report.findings).toEqual([`b extra ${foreign.key}`, `b extra ${copied}`])
    expect(report.sound).toBe(true)
    expect(await contents('note.txt')).toEqual([undefined, 'mine', undefined])
  })

  it('is no loss when nobody can read it, and a name that no store could have written blinds nobody', async () => {
    const junk = ['manifests/bronze/notes.json', 'manifests/bronze/dt=2026-01-01/run_id=a\nb/shop.json']
    for (const key of junk) await put('b', key, '{}')
    const report = await verify([known])
    expect(report.errors).toEqual([undefined, undefined, undefined])
    expect(report.lostManifests).toEqual([])
    expect(report.findings).toEqual([`b extra ${junk[0]}`])
    expect(report.sound).toBe(true)
  })
})

describe('manifests of the control database that contradict each other', () => {
  it('are told, and the one of the run that landed the object counts', async () => {
    const wrong = await deliver('r2', [object(raw, 'damaged when it was copied')], ['a', 'b', 'c'])
    for (const manifests of [
      [known, wrong],
      [wrong, known],
    ]) {
      const report = await verify(manifests, true)
      expect(report.contradictions).toEqual([
        expect.stringMatching(`^${raw}: .*${known.key}, which counts; .*${wrong.key}$`),
      ])
      expect(report.findings).toEqual([])
      expect(report.sound).toBe(false)
    }
    expect(await contents(raw)).toEqual(['right', 'right', 'right'])
  })
})
