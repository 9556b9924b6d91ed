import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { bodyOf, contentOf, hasHead, keysOf, rejectsWith, type StoreCase, sha256Of } from './case.js'

export const putCases: readonly StoreCase[] = [
  {
    name: 'put returns size and SHA-256 of what it stored',
    run: async (store) => {
      const put = await store.put('a/b/c.txt', bodyOf('hello'))
      assert.deepEqual(put, { created: true, bytes: 5, sha256: sha256Of('hello') })
      assert.equal(await contentOf(store, 'a/b/c.txt'), 'hello')
      await hasHead(store, 'a/b/c.txt', 'hello')
    },
  },
  {
    name: 'an empty object is an object',
    run: async (store) => {
      const put = await store.put('empty', Readable.from([]))
      assert.deepEqual(put, { created: true, bytes: 0, sha256: sha256Of('') })
      assert.equal(await contentOf(store, 'empty'), '')
      await hasHead(store, 'empty', '')
    },
  },
  {
    name: 'a name that a store might give its own unfinished files is a name like any other',
    run: async (store) => {
      await store.put('folder/x.part', bodyOf('part'))
      await store.put('folder/x.tmp', bodyOf('tmp'))
      assert.equal(await contentOf(store, 'folder/x.part'), 'part')
      assert.deepEqual(await keysOf(store, ''), ['folder/x.part', 'folder/x.tmp'])
    },
  },
  {
    name: 'a name of 900 bytes is stored, or refused as a key, and others go on',
    run: async (store) => {
      const key = 'n'.repeat(900)
      const put = await store.put(key, bodyOf('x')).catch((error: unknown) => error)
      if (put instanceof Error) await rejectsWith('INVALID_KEY', () => Promise.reject(put))
      else assert.equal(await contentOf(store, key), 'x')
      assert.equal((await store.put('short', bodyOf('y'))).created, true)
      assert.deepEqual(await keysOf(store, ''), put instanceof Error ? ['short'] : [key, 'short'])
    },
  },
  {
    name: 'the body of a put that is refused is ended',
    run: async (store) => {
      const body = bodyOf('x')
      await rejectsWith('INVALID_KEY', () => store.put('../up', body))
      assert(body.destroyed, 'nobody reads it any more, and what it holds open must be closed')
    },
  },
  {
    name: 'a second put of a key writes nothing',
    run: async (store) => {
      await store.put('once', bodyOf('first'))
      const second = await store.put('once', bodyOf('second'))
      assert.equal(second.created, false)
      assert.equal(await contentOf(store, 'once'), 'first')
    },
  },
  {
    name: 'of 20 writers of one key exactly one creates the object',
    run: async (store) => {
      const contents = Array.from({ length: 20 }, (_, writer) => `writer ${writer}`)
      const puts = await Promise.all(contents.map((content) => store.put('contested', bodyOf(content))))
      const winners = contents.filter((_, writer) => puts[writer]?.created)
      assert.equal(winners.length, 1)
      await hasHead(store, 'contested', winners[0] ?? '')
    },
  },
  {
    name: 'of racing writers exactly one creates the object, and it is whole',
    run: async (store) => {
      for (let round = 0; round < 10; round++) {
        const contents = Array.from({ length: 4 }, (_, writer) => `${writer}`.repeat(100_000))
        const puts = await Promise.all(contents.map((content) => store.put(`race/${round}`, bodyOf(content))))
        const winners = puts.flatMap((put, writer) => (put.created ? [writer] : []))
        assert.equal(winners.length, 1)
        assert.equal(await contentOf(store, `race/${round}`), contents[winners[0] ?? 0])
      }
    },
  },
  {
    name: 'content of another SHA-256 is refused and nothing is kept',
    run: async (store) => {
      await rejectsWith('CHECKSUM_MISMATCH', () => store.put('wrong', bodyOf('abc'), { sha256: sha256Of('abd') }))
      assert.equal(await store.head('wrong'), undefined)
      assert.deepEqual(await keysOf(store, ''), [])
      const right = await store.put('wrong', bodyOf('abd'), { sha256: sha256Of('abd') })
      assert.equal(right.created, true)
    },
  },
  {
    name: 'a body that fails half way leaves nothing, and its own error comes out',
    run: async (store) => {
      const failure = new Error('the line went dead')
      const half = function* () {
        yield Buffer.alloc(300_000, 'x')
        throw failure
      }
      await assert.rejects(
        () => store.put('half', Readable.from(half(), { objectMode: false })),
        (error: unknown) => error === failure,
      )
      assert.equal(await store.head('half'), undefined)
      assert.deepEqual(await keysOf(store, ''), [])
      assert.equal((await store.put('half', bodyOf('whole'))).created, true)
    },
  },
  {
    name: 'an object is not seen before it is whole',
    run: async (store) => {
      let release: () => void = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const slow = async function* () {
        yield Buffer.from('one ')
        await held
        yield Buffer.from('two')
      }
      const put = store.put('slow', Readable.from(slow(), { objectMode: false }))
      assert.equal(await store.head('slow'), undefined)
      assert.deepEqual(await keysOf(store, ''), [])
      release()
      await put
      assert.equal(await contentOf(store, 'slow'), 'one two')
    },
  },
]
