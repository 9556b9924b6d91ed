import { createHash } from 'node:crypto'
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Durable } from '../durable.js'
import { canonicalJson } from './canonical-json.js'
import type { BronzeObject, Delivery } from './delivery.js'
import { manifestKey } from './layout.js'
import { type ObjectStore, StoreError } from './object-store.js'
import { copiesAtOnce, type ReplicateRequest, replicate } from './replicate.js'
import { DiskStore } from './stores/disk.js'

let root: string
let first: DiskStore
let second: DiskStore
let target: DiskStore
/** Durable writes in the order they ended. */
let writes: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'replicate ü '))
  const open = (name: string) => new DiskStore(name, { path: join(root, name) })
  first = open('first')
  second = open('second')
  target = open('target')
  writes = []
})
afterEach(() => rm(root, { recursive: true, force: true }))

const content = (name: string) => `content of ${name}\n`

/** Objects of one run and the manifest that names them, in each store. */
async function deliver(
  runId: string,
  names: readonly string[],
  stores: readonly ObjectStore[] = [first],
): Promise<string> {
  const objects = names.map((file): BronzeObject => {
    const sha256 = createHash('sha256').update(content(file)).digest('hex')
    const bytes = Buffer.byteLength(content(file))
    return { dataset: 'sales', key: `bronze/shop/sales/${file}`, file, sha256, bytes, rows: 1, runId }
  })
  const delivery: Delivery = { version: 1, source: 'shop', runId, dt: '2026-01-01', objects }
  for (const store of stores) {
    for (const { key, file } of objects) await store.put(key, Readable.from([content(file)]))
    await store.put(manifestKey(delivery), Readable.from([canonicalJson(delivery)]))
  }
  return manifestKey(delivery)
}

const recording: Durable = async (write, subject, perform) => {
  const result = await perform()
  writes.push(`${write} ${subject}`)
  return result
}

const copy = (manifests: readonly string[], more: Partial<ReplicateRequest> = {}) =>
  replicate({
    from: [first, second],
    to: target,
    manifests: manifests.map((key) => ({ key, sha256: null })),
    isHeld: () => false,
    onManifest: async (key) => void writes.push(`held ${key}`),
    durable: recording,
    ...more,
  })

const read = async (store: ObjectStore, key: string) => text(await store.get(key))

describe('replication', () => {
  it('brings a manifest after everything it names, and says then that it is held', async () => {
    const manifest = await deliver('r1', ['a', 'b', 'c'])
    expect(await copy([manifest])).toMatchObject({ objects: 4 })
    expect(writes.slice(0, 3).sort()).toEqual(
      ['a', 'b', 'c'].map((name) => `replicate.object target bronze/shop/sales/${name}`),
    )
    expect(writes.slice(3)).toEqual([`replicate.manifest target ${manifest}`, `held ${manifest}`])
    expect(await read(target, 'bronze/shop/sales/b')).toBe(content('b'))
    expect(await read(target, manifest)).toBe(await read(first, manifest))
  })

  it('sends nothing that is there already, and looks at an object that manifests share once', async () => {
    const manifests = [await deliver('r1', ['a', 'b']), await deliver('r2', ['a', 'b', 'c'])]
    expect(await copy(manifests)).toMatchObject({ objects: 5 })
    const heads: string[] = []
    const counted = wrapped(target, { head: (key) => heads.push(key) })
    expect(await copy(manifests, { to: counted })).toMatchObject({ objects: 0, bytes: 0 })
    expect(heads.filter((key) => key.endsWith('/a'))).toHaveLength(1)
  })

  it('has a bounded number of objects under way', async () => {
    const manifests = [await deliver('r1', letters(0, 20)), await deliver('r2', letters(20, 40))]
    let now = 0
    let most = 0
    const durable: Durable = async (write, _subject, perform) => {
      if (write !== 'replicate.object') return perform()
      most = Math.max(most, ++now)
      await wait(2)
      return perform().finally(() => now--)
    }
    await copy(manifests, { durable })
    expect(most).toBe(copiesAtOnce)
  })

  it('replaces what is there with another size', async () => {
    const manifest = await deliver('r1', ['a'])
    await target.put('bronze/shop/sales/a', Readable.from(['half']))
    expect(await copy([manifest])).toMatchObject({ objects: 2 })
    expect(await read(target, 'bronze/shop/sales/a')).toBe(content('a'))
  })

  it('takes an object from another store where the first one has it damaged or not at all', async () => {
    const manifest = await deliver('r1', ['a', 'b'], [first, second])
    await writeFile(join(root, 'first', 'bronze/shop/sales/a'), content('A'))
    await first.delete('bronze/shop/sales/b')
    await copy([manifest])
    for (const name of ['a', 'b']) expect(await read(target, `bronze/shop/sales/${name}`)).toBe(content(name))
  })

  it('leaves what the target has while no other store has it right, and does not bring the manifest', async () => {
    const manifest = await deliver('r1', ['a'])
    await writeFile(join(root, 'first', 'bronze/shop/sales/a'), content('A'))
    await target.put('bronze/shop/sales/a', Readable.from(['something else']))
    await expect(copy([manifest])).rejects.toMatchObject({ code: 'NO_GOOD_COPY', store: 'target' })
    expect(await read(target, 'bronze/shop/sales/a')).toBe('something else')
    expect(await target.head(manifest)).toBeUndefined()
    expect(writes).toEqual([])
  })

  it('does not believe a manifest that was not written so', async () => {
    const manifest = await deliver('r1', ['a'], [first, second])
    const sha256 = createHash('sha256')
      .update(await read(first, manifest))
      .digest('hex')
    const path = join(root, 'first', manifest)
    await writeFile(path, (await read(first, manifest)).replace('"rows": 1', '"rows": 2'))
    await copy([], { manifests: [{ key: manifest, sha256 }] })
    expect(await read(target, manifest)).toBe(await read(second, manifest))
  })

  it('does not call a manifest lost that the target may have, but cannot be asked for', async () => {
    const manifest = await deliver('r1', ['a'], [target])
    await rename(join(root, 'target'), join(root, 'away'))
    await symlink(join(root, 'target'), join(root, 'target'))
    for (const from of [[], [first, second]]) {
      await expect(copy([manifest], { from })).rejects.toMatchObject({ code: 'STORE_ERROR', store: 'target' })
    }
  })

  it('begins nothing more after a failure', async () => {
    const manifests = [await deliver('r1', letters(0, 20)), await deliver('r2', letters(20, 40))]
    let puts = 0
    const down = wrapped(target, {
      put: () => {
        if (++puts > 6) throw new StoreError('STORE_UNAVAILABLE', 'target', 'The store target does not answer')
      },
    })
    await expect(copy(manifests, { to: down })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(puts).toBeLessThanOrEqual(6 + copiesAtOnce)
    expect(writes.filter((write) => write.startsWith('replicate.manifest'))).toEqual([])
  })

  it('stops when it is told to, and goes on from there', async () => {
    const manifest = await deliver('r1', letters(0, 20))
    const stop = new AbortController()
    const durable: Durable = async (write, subject, perform) => {
      const result = await recording(write, subject, perform)
      if (writes.length === 5) stop.abort(new Error('stopped'))
      return result
    }
    await expect(copy([manifest], { durable, signal: stop.signal })).rejects.toThrow('stopped')
    const before = writes.length
    expect(before).toBeLessThan(5 + copiesAtOnce)
    expect(await copy([manifest])).toMatchObject({ objects: 21 - before })
  })
})

const letters = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `object ${from + index}`)

/** A store that tells its calls, or refuses them. */
function wrapped(
  store: ObjectStore,
  before: { head?: (key: string) => void; put?: (key: string) => void },
): ObjectStore {
  const wrapper = Object.create(store) as ObjectStore
  wrapper.head = async (key) => {
    before.head?.(key)
    return store.head(key)
  }
  wrapper.put = async (key, body, options) => {
    before.put?.(key)
    return store.put(key, body, options)
  }
  return wrapper
}
