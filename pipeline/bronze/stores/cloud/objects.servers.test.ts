import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clouds } from '../../../../tests/stores/clouds.js'
import { bodyOfBytes, sha256OfBody, sha256OfBytes } from '../../../../tests/stores/content.js'
import { UnreliableLine } from '../../../../tests/stores/unreliable-line.js'
import type { ObjectStore } from '../../object-store.js'

/** Two parts and a bit. */
const large = 34_000_001

for (const { cloud, isMissing, newBucket } of clouds) {
  describe.skipIf(isMissing)(`a store in ${cloud}`, () => {
    const bucket = newBucket()
    let prefix: string
    let store: ObjectStore
    let directory: string

    beforeAll(() => bucket.make())
    afterAll(() => bucket.remove())
    beforeEach(async () => {
      prefix = randomUUID()
      store = bucket.open({ prefix })
      directory = await mkdtemp(join(tmpdir(), 'cloud store '))
      return () => rm(directory, { recursive: true, force: true })
    })

    it.each([
      ['of a small object', 10, true],
      ['of a large object whose SHA-256 is known before', large, true],
      ['of a large object whose SHA-256 is not known before', large, false],
    ])('keeps the SHA-256 %s beside it', async (_what, bytes, isKnown) => {
      const sha256 = sha256OfBytes(bytes)
      const put = await store.put('object', bodyOfBytes(bytes), isKnown ? { sha256 } : {})
      expect(put).toEqual({ created: true, bytes, sha256 })
      expect(await store.head('object')).toEqual({ key: 'object', bytes, sha256 })
      expect(await sha256OfBody(await store.get('object'))).toBe(sha256)
    })

    it('refuses a large object at its end when its SHA-256 is another, and nothing of it stays', async () => {
      const put = store.put('object', bodyOfBytes(large), { sha256: sha256OfBytes(large, 1) })
      await expect(put).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', message: expect.stringMatching(/not kept/) })
      expect(await store.head('object')).toBeUndefined()
      expect((await store.put('object', bodyOfBytes(5))).created).toBe(true)
    })

    it('measures a large object to its end although its key is taken', async () => {
      await store.put('object', Readable.from(['first']))
      const sha256 = sha256OfBytes(large)
      expect(await store.put('object', bodyOfBytes(large), { sha256 })).toEqual({
        created: false,
        bytes: large,
        sha256,
      })
      expect((await store.head('object'))?.bytes).toBe(5)
      const wrong = store.put('object', bodyOfBytes(large), { sha256: sha256OfBytes(large, 1) })
      await expect(wrong).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
    })

    it('lets exactly one of several writers of a large object create it', async () => {
      const puts = await Promise.all(
        [1, 2, 3].map((seed) => store.put('race', bodyOfBytes(large, seed), { sha256: sha256OfBytes(large, seed) })),
      )
      const winners = puts.filter((put) => put.created)
      expect(winners).toHaveLength(1)
      expect(await sha256OfBody(await store.get('race'))).toBe(winners[0]?.sha256)
    })

    it('keeps its keys below its prefix, and sees none of those beside it', async () => {
      await bucket.open({ prefix: `${prefix}-other` }).put('not/ours', Readable.from(['x']))
      await store.put('a/b', Readable.from(['x']))
      const keys: string[] = []
      for await (const { key } of store.list('')) keys.push(key)
      expect(keys).toEqual(['a/b'])
      expect(store.uri('a/b')).toBe(`${cloud === 'S3' ? 's3' : 'gs'}://${bucket.name}/${prefix}/a/b`)
      expect(await bucket.open().head(`${prefix}/a/b`)).toBeDefined()
    })

    it('lists an object that another program put, without a SHA-256 that it does not know', async () => {
      await bucket.putRaw(`${prefix}/raw`, 'content', '')
      expect(await store.head('raw')).toEqual({ key: 'raw', bytes: 7 })
    })

    it('downloads an object for local programs once, however many ask at the same time', async () => {
      const line = await UnreliableLine.to(bucket.endpoint)
      try {
        const far = bucket.open({ prefix, endpoint: line.endpoint })
        const key = "sales/it's 100% Ärger?.csv.gz"
        await store.put(key, bodyOfBytes(1_000_000))
        const paths = await Promise.all(Array.from({ length: 5 }, () => far.localPath(key, directory)))
        expect(new Set(paths).size).toBe(1)
        expect(await far.localPath(key, directory)).toBe(paths[0])
        expect(line.received).toBeGreaterThan(1_000_000)
        expect(line.received).toBeLessThan(1_500_000)
        expect(paths[0]).toMatch(/[0-9a-f]{64}-it_s_100__[A-Za-z_]*rger_\.csv\.gz$/)
        expect((await readFile(paths[0] ?? '')).length).toBe(1_000_000)
        expect(await readdir(directory)).toHaveLength(1)
      } finally {
        await line.close()
      }
    })

    it('gives local programs nothing that differs from its SHA-256', async () => {
      await bucket.putRaw(`${prefix}/damaged`, 'flipped', sha256OfBytes(7))
      await expect(store.localPath('damaged', directory)).rejects.toMatchObject({
        code: 'CHECKSUM_MISMATCH',
        message: expect.stringMatching(/damaged.*stores verify --deep --repair/),
      })
      expect(await readdir(directory)).toEqual([])
    })

    it('follows a key that was removed and put again', async () => {
      await store.put('key', Readable.from(['old']))
      await store.localPath('key', directory)
      await store.delete('key')
      await store.put('key', Readable.from(['new']))
      expect(await readFile(await store.localPath('key', directory), 'utf8')).toBe('new')
    })
  })
}
