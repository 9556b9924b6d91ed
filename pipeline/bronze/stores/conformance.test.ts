import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type ObjectStore, type StoredObject, StoreError } from '../object-store.js'
import { storeCases } from './conformance.js'
import { DiskStore } from './disk.js'

/** A real store with one thing wrong, as a hasty adapter might have it. */
const defects: Readonly<Record<string, (good: DiskStore) => Partial<ObjectStore>>> = {
  'replaces an object': (good) => ({
    put: async (key, body, options) => {
      await good.delete(key)
      return good.put(key, body, options)
    },
  }),
  'says that it created what was there': (good) => ({
    put: async (key, body, options) => ({ ...(await good.put(key, body, options)), created: true }),
  }),
  'does not compare the checksum': (good) => ({ put: (key, body) => good.put(key, body) }),
  'keeps the half of a body that failed': (good) => ({
    put: async (key, body, options) => {
      const received: Buffer[] = []
      try {
        for await (const piece of body) received.push(piece)
      } catch (error) {
        await good.put(key, Readable.from(received))
        throw error
      }
      return good.put(key, Readable.from(received), options)
    },
  }),
  'leaves a body open that it refuses': (good) => ({
    put: async (key, body, options) => {
      if (key.startsWith('..')) throw new StoreError('INVALID_KEY', 'broken', 'refused')
      return good.put(key, body, options)
    },
  }),
  'takes objects for its own unfinished files': (good) => ({
    list: async function* (prefix) {
      for await (const object of good.list(prefix)) if (!object.key.endsWith('.part')) yield object
    },
  }),
  'says anything of a name that is too long': (good) => ({
    put: (key, body, options) => {
      if (key.length === 900) throw new Error('ENAMETOOLONG')
      return good.put(key, body, options)
    },
  }),
  'collects the body in memory': (good) => ({
    put: async (key, body, options) => good.put(key, Readable.from([await buffer(body)]), options),
  }),
  'reads faster than it is asked': (good) => ({
    get: async (key, range) => {
      const stream = new PassThrough({ highWaterMark: 2 ** 30 })
      return (await good.get(key, range)).pipe(stream)
    },
  }),
  'takes the end of a range as included': (good) => ({
    get: (key, range) => good.get(key, range && { ...range, end: range.end + 1 }),
  }),
  'ignores ranges': (good) => ({ get: (key) => good.get(key) }),
  'gives an empty stream for an absent object': (good) => ({
    get: async (key, range) => ((await good.head(key)) ? good.get(key, range) : Readable.from([])),
  }),
  'ends a list after a page': (good) => ({ list: (prefix) => firstOf(good.list(prefix), 1_000) }),
  'lists in the order of UTF-16': (good) => ({ list: (prefix) => reordered(good.list(prefix)) }),
  'takes a prefix for a folder': (good) => ({ list: (prefix) => good.list(prefix.replace(/[^/]*$/, '')) }),
  'says a wrong SHA-256': (good) => ({
    head: async (key) => {
      const found = await good.head(key)
      return found && { ...found, sha256: '0'.repeat(64) }
    },
  }),
  'leaves something behind when it is diagnosed': (good) => ({
    diagnose: async () => {
      await good.put('.goldgate-check/left', Readable.from(['x']))
      return good.diagnose()
    },
  }),
  'does its setup again and again': () => ({ setup: async () => ['Made the bucket.'] }),
  'escapes the key in a URI': () => ({ uri: (key) => `s3://bucket/${encodeURI(key)}` }),
  'escapes keys': (good) => ({ put: (key, body, options) => good.put(encodeURI(key), body, options) }),
  'fails to delete what is absent': (good) => ({
    delete: async (key) => {
      await good.localPath(key)
      await good.delete(key)
    },
  }),
}

describe('the suite finds a store that', () => {
  it.each(Object.entries(defects))('%s', async (_name, defect) => {
    let failed = 0
    for (const { run } of storeCases) {
      const directory = await mkdtemp(join(tmpdir(), 'broken store '))
      try {
        await run(broken(new DiskStore('broken', { path: directory }), defect), join(directory, '.cache'))
      } catch {
        failed++
        break
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    }
    expect(failed).toBe(1)
  })
})

function broken(good: DiskStore, defect: (good: DiskStore) => Partial<ObjectStore>): ObjectStore {
  const parts: ObjectStore = {
    name: good.name,
    kind: good.kind,
    put: (key, body, options) => good.put(key, body, options),
    get: (key, range) => good.get(key, range),
    head: (key) => good.head(key),
    list: (prefix) => good.list(prefix),
    delete: (key) => good.delete(key),
    localPath: (key) => good.localPath(key),
    uri: (_key) => good.uri(),
    setup: () => good.setup(),
    diagnose: () => good.diagnose(),
  }
  return { ...parts, ...defect(good) }
}

async function* firstOf(objects: AsyncIterable<StoredObject>, most: number) {
  let count = 0
  for await (const object of objects) if (count++ < most) yield object
}

async function* reordered(objects: AsyncIterable<StoredObject>) {
  const all: StoredObject[] = []
  for await (const object of objects) all.push(object)
  yield* all.sort((a, b) => (a.key < b.key ? -1 : 1))
}
