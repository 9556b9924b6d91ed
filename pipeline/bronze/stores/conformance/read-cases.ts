import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { bodyOf, contentOf, keysOf, rejectsWith, type StoreCase } from './case.js'

/** In order by code point: the last two would change places if UTF-16 units were compared. */
const awkwardKeys = [
  " leading and trailing /it's %20 100%.csv ",
  '#hash?query&amp=1+2.csv',
  'back\\slash',
  'bronze/Ärger/dt=2024-01-31/ß.csv',
  'quote"d/and\'quoted',
  'ﬀ ligature',
  '😀/emoji.csv',
]

export const readCases: readonly StoreCase[] = [
  {
    name: 'ranges are bytes, their end exclusive, cut at the end of the object',
    run: async (store) => {
      await store.put('digits', bodyOf('0123456789'))
      const read = (start: number, end: number) => contentOf(store, 'digits', { start, end })
      assert.equal(await read(0, 1), '0')
      assert.equal(await read(3, 7), '3456')
      assert.equal(await read(9, 10), '9')
      assert.equal(await read(0, 10), '0123456789')
      assert.equal(await read(8, 1_000), '89')
      assert.equal(await read(4, 4), '')
    },
  },
  {
    name: 'what is absent: get throws, head knows nothing, delete does nothing',
    run: async (store, cache) => {
      await store.put('there/is', bodyOf('x'))
      for (const key of ['absent', 'there', 'there/is/below', 'there/isnt', 'n'.repeat(900)]) {
        await rejectsWith('OBJECT_NOT_FOUND', () => store.get(key))
        await rejectsWith('OBJECT_NOT_FOUND', () => store.get(key, { start: 0, end: 1 }))
        await rejectsWith('OBJECT_NOT_FOUND', () => store.localPath(key, cache))
        assert.equal(await store.head(key), undefined)
        await store.delete(key)
      }
      assert.deepEqual(await keysOf(store, ''), ['there/is'])
    },
  },
  {
    name: 'delete removes one object and no other, and its key can be put again',
    run: async (store) => {
      await store.put('d/a', bodyOf('1'))
      await store.put('d/b', bodyOf('2'))
      await store.delete('d/a')
      await store.delete('d/a')
      assert.deepEqual(await keysOf(store, ''), ['d/b'])
      assert.equal((await store.put('d/a', bodyOf('3'))).created, true)
      assert.equal(await contentOf(store, 'd/a'), '3')
    },
  },
  {
    name: 'spaces, quotes and unicode in keys',
    run: async (store, cache) => {
      for (const [index, key] of awkwardKeys.entries()) await store.put(key, bodyOf(`content ${index}`))
      for (const [index, key] of awkwardKeys.entries()) {
        assert.equal(await contentOf(store, key), `content ${index}`)
        assert.equal((await store.head(key))?.key, key)
        assert.equal(await readFile(await store.localPath(key, cache), 'utf8'), `content ${index}`)
      }
      assert.deepEqual(await keysOf(store, ''), awkwardKeys)
    },
  },
  {
    name: 'keys that could leave the store or cannot be written everywhere are refused',
    run: async (store) => {
      const keys = [
        '',
        '/absolute',
        'a/',
        'a//b',
        '.',
        '..',
        '../up',
        'a/../../up',
        'a/./b',
        'nul\0',
        'line\nbreak',
        'control\u0001character',
        '\ud800half',
        'x'.repeat(1025),
      ]
      for (const key of keys) {
        await rejectsWith('INVALID_KEY', () => store.put(key, bodyOf('x')))
        await rejectsWith('INVALID_KEY', () => store.get(key))
        await rejectsWith('INVALID_KEY', () => store.head(key))
        await rejectsWith('INVALID_KEY', () => store.delete(key))
      }
      await rejectsWith('INVALID_KEY', () => keysOf(store, '../'))
    },
  },
  {
    name: 'a list of 1,200 objects is complete and in order by key, with sizes',
    run: async (store) => {
      const keys = Array.from({ length: 1_200 }, (_, index) => `many/${(index * 7919) % 1_200}.txt`)
      for (let start = 0; start < keys.length; start += 50) {
        await Promise.all(keys.slice(start, start + 50).map((key) => store.put(key, bodyOf(key))))
      }
      const listed: string[] = []
      for await (const { key, bytes } of store.list('many/')) {
        assert.equal(bytes, key.length)
        listed.push(key)
      }
      assert.deepEqual(listed, [...keys].sort())
    },
  },
  {
    name: 'a prefix may end inside a name; folders and files are in one order',
    run: async (store) => {
      const keys = ['a', 'b-c', 'b.txt', 'b/2', 'b/inner/1', 'b0', 'c/1']
      for (const key of [...keys].reverse()) await store.put(key, bodyOf('x'))
      assert.deepEqual(await keysOf(store, ''), keys)
      assert.deepEqual(await keysOf(store, 'b'), ['b-c', 'b.txt', 'b/2', 'b/inner/1', 'b0'])
      assert.deepEqual(await keysOf(store, 'b/'), ['b/2', 'b/inner/1'])
      assert.deepEqual(await keysOf(store, 'b/in'), ['b/inner/1'])
      assert.deepEqual(await keysOf(store, 'nothing/here'), [])
    },
  },
]
