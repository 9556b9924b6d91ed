import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clouds } from '../../../../tests/stores/clouds.js'
import { bodyOfBytes, sha256OfBody, sha256OfBytes } from '../../../../tests/stores/content.js'
import { UnreliableLine } from '../../../../tests/stores/unreliable-line.js'
import type { ObjectStore } from '../../object-store.js'

const large = 40_000_000
const impatience = { requestMs: 300, stallMs: 300, retries: 1 }

for (const { cloud, isMissing, newBucket } of clouds) {
  describe.skipIf(isMissing)(`when things go wrong, a store in ${cloud}`, () => {
    const bucket = newBucket()
    let line: UnreliableLine
    let store: ObjectStore
    let prefix: string

    beforeAll(() => bucket.make())
    afterAll(() => bucket.remove())
    beforeEach(async () => {
      prefix = randomUUID()
      line = await UnreliableLine.to(bucket.endpoint)
      store = bucket.open({ prefix, endpoint: line.endpoint }, { stallMs: 2_000, retries: 1 })
      return () => line.close()
    })

    const unavailable = { code: 'STORE_UNAVAILABLE', store: 'cloud' }
    const everything: [string, (store: ObjectStore) => Promise<unknown>][] = [
      ['put', (store) => store.put('a', Readable.from(['x']))],
      ['put of much', (store) => store.put('a', bodyOfBytes(large), { sha256: sha256OfBytes(large) })],
      ['get', (store) => store.get('a')],
      ['head', (store) => store.head('a')],
      [
        'list',
        async (store) => {
          for await (const _ of store.list(''));
        },
      ],
      ['delete', (store) => store.delete('a')],
      ['localPath', (store) => store.localPath('a', tmpdir())],
    ]

    it.each(everything)('says that nothing listens there: %s', async (_name, work) => {
      await line.close()
      await expect(work(store)).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining('nothing listens'),
      })
      line = await UnreliableLine.to(bucket.endpoint)
    })

    it.each(everything)('does not wait for ever for a server that is silent: %s', async (_name, work) => {
      const impatient = bucket.open({ prefix, endpoint: line.endpoint }, impatience)
      // It was there: nothing else is asked before.
      await impatient.head('a')
      line.fallSilent()
      await expect(work(impatient)).rejects.toMatchObject(unavailable)
    })

    it.each(everything.filter(([name]) => name !== 'delete' || cloud === 'S3'))(
      'names a bucket that is not there: %s',
      async (_name, work) => {
        const lost = bucket.open({ bucket: `${bucket.name}-lost` })
        await expect(work(lost)).rejects.toMatchObject({
          code: 'STORE_ERROR',
          message: expect.stringMatching(/bucket goldgate-\S+-lost.*goldgate setup/),
        })
      },
    )

    it('leaves nothing under the key when the server dies in the middle of an upload, and the next put repairs', async () => {
      const sha256 = sha256OfBytes(large)
      line.dieAfter({ sent: large / 2 })
      await expect(store.put('object', bodyOfBytes(large), { sha256 })).rejects.toMatchObject(unavailable)
      line.comeBack()
      expect(await store.head('object')).toBeUndefined()
      expect(await store.put('object', bodyOfBytes(large), { sha256 })).toEqual({ created: true, bytes: large, sha256 })
      expect(await sha256OfBody(await store.get('object'))).toBe(sha256)
    })

    it('ends a reader with an error when the server dies in the middle of a download', async () => {
      await store.put('object', bodyOfBytes(large))
      const body = await store.get('object')
      line.dieAfter({ received: large / 2 })
      await expect(sha256OfBody(body)).rejects.toMatchObject(unavailable)
    })

    it('ends a reader with an error when the server falls silent in the middle of a download', async () => {
      await store.put('object', bodyOfBytes(large))
      const reading = async () => {
        for await (const _piece of await store.get('object')) line.fallSilent()
      }
      await expect(reading()).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining('does not answer'),
      })
    })

    it('does not mind a reader that takes longer than the server may', async () => {
      const impatient = bucket.open({ prefix }, { stallMs: 300 })
      await impatient.put('object', bodyOfBytes(large))
      let bytes = 0
      for await (const piece of await impatient.get('object')) {
        if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 1_000))
        bytes += piece.length
      }
      expect(bytes).toBe(large)
    })

    it('keeps no half of a local copy', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'cloud store '))
      await store.put('object', bodyOfBytes(large))
      line.dieAfter({ received: large / 2 })
      await expect(store.localPath('object', directory)).rejects.toMatchObject(unavailable)
      expect(await readdir(directory)).toEqual([])
      line.comeBack()
      await store.localPath('object', directory)
      expect(await readdir(directory)).toHaveLength(1)
      await rm(directory, { recursive: true })
    })

    it('knows its own object when the answer to the put was lost', async () => {
      line.loseAnswerTo(cloud === 'S3' ? 'PUT ' : 'POST ')
      expect(await store.put('object', Readable.from(['x']))).toMatchObject({ created: true, bytes: 1 })
      expect(await sha256OfBody(await store.get('object'))).toHaveLength(64)
    })

    it.each([
      ['refuses connections', 3_000],
      ['takes them and says nothing', 9_000],
    ])(
      'costs seconds, and not for each object, when the server %s: with the limits of every day',
      async (what, mostMs) => {
        const usual = bucket.open({ prefix, endpoint: line.endpoint })
        if (what === 'refuses connections') await line.close()
        else line.fallSilent()
        const started = performance.now()
        for (let key = 0; key < 20; key++) await expect(usual.head(`${key}`)).rejects.toMatchObject(unavailable)
        await expect(usual.put('a', bodyOfBytes(large))).rejects.toMatchObject(unavailable)
        expect(performance.now() - started).toBeLessThan(mostMs)
        if (what === 'refuses connections') line = await UnreliableLine.to(bucket.endpoint)
      },
    )

    it('is noticed within seconds when it dies while it is used', async () => {
      const usual = bucket.open({ prefix, endpoint: line.endpoint })
      await usual.put('a', Readable.from(['x']))
      await line.close()
      const started = performance.now()
      for (let key = 0; key < 20; key++) await expect(usual.head('a')).rejects.toMatchObject(unavailable)
      expect(performance.now() - started).toBeLessThan(20_000)
      line = await UnreliableLine.to(bucket.endpoint)
    })

    it('reports problems instead of failing when it is diagnosed', async () => {
      await line.close()
      const { found, problems } = await store.diagnose()
      expect(found).toContain(bucket.name)
      expect(problems.join('\n')).toMatch(/nothing listens/)
      line = await UnreliableLine.to(bucket.endpoint)
    })
  })
}
