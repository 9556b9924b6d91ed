import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoreError } from '../object-store.js'
import { storeCases } from './conformance.js'
import { DiskStore } from './disk.js'
import { diskError } from './disk-errors.js'
import { objectStoreKindOf, objectStoreKinds } from './registry.js'
import { tryOut } from './try-out.js'

let directory: string
let store: DiskStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk store '))
  store = new DiskStore('local', { path: join(directory, 'objects') })
})

afterEach(() => rm(directory, { recursive: true, force: true }))

describe('a disk conforms', () => {
  it.each(storeCases)('$name', async ({ run }) => {
    await run(store, join(directory, 'cache'))
  })
})

describe('a store is tried out, and', () => {
  const needs = { put: 'grant P', head: 'grant H', get: 'grant G', list: 'grant L', delete: 'grant D' }
  const denied = (message: string, lacksPermission: boolean) => () => {
    throw new StoreError('ACCESS_DENIED', 'local', message, { lacksPermission })
  }

  it('each permission that is missing is named with what grants it', async () => {
    store.put = denied('Cannot write.', true)
    store.list = denied('Cannot list', true)
    expect(await tryOut(store, needs)).toEqual(['Cannot write (put: grant P).', 'Cannot list (list: grant L).'])
  })

  it('what no grant mends is told once, without one', async () => {
    store.put = denied('There are no credentials.', false)
    store.list = denied('There are no credentials.', false)
    expect(await tryOut(store, needs)).toEqual(['There are no credentials.'])
  })

  it('nothing is left where it was stopped half way', async () => {
    const read = store.get.bind(store)
    store.get = denied('The server went away.', false)
    expect(await tryOut(store, needs)).toEqual(['The server went away.'])
    store.get = read
    expect(await readdir(join(directory, 'objects'))).toEqual(['.tmp'])
  })
})

describe('a disk store', () => {
  const unfinished = () => readdir(join(directory, 'objects', '.tmp'))

  it('leaves nothing unfinished behind, whether a put succeeds or fails', async () => {
    await store.put('a', Readable.from(['x']))
    await store.put('a', Readable.from(['y']))
    await store.put('b', Readable.from(['x']), { sha256: '0'.repeat(64) }).catch(() => {})
    expect(await unfinished()).toEqual([])
  })

  it('removes what a killed process left, and leaves alone what is being written', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const folder = join(directory, 'objects', '.tmp')
    await mkdir(folder, { recursive: true })
    const host = hostname().replace(/[^A-Za-z0-9-]/g, '-')
    const old = new Date(Date.now() - 48 * 3_600_000)
    const left = async (name: string, time?: Date) => {
      await writeFile(join(folder, name), 'half')
      if (time) await utimes(join(folder, name), time, time)
    }
    await left(`${host},${dead},aaaaaaaa,1.part`)
    await left(`${host},${process.pid},aaaaaaaa,2.part`)
    await left('other-machine,1,aaaaaaaa,3.part', old)
    await left('other-machine,1,aaaaaaaa,4.part')
    await left(`${host},${process.ppid},aaaaaaaa,5.part`)

    let release: () => void = () => {}
    const body = async function* () {
      yield Buffer.from('one ')
      await new Promise<void>((resolve) => {
        release = resolve
      })
      yield Buffer.from('two')
    }
    const put = store.put('being/written', Readable.from(body(), { objectMode: false }))
    while ((await unfinished()).length < 6) await new Promise((resolve) => setImmediate(resolve))
    expect(await store.sweepTemporary()).toBe(3)
    expect(
      (await unfinished()).filter((name) => /[1-5]\.part$/.test(name) && name.includes('aaaaaaaa')).sort(),
    ).toEqual([`${host},${process.ppid},aaaaaaaa,5.part`, 'other-machine,1,aaaaaaaa,4.part'].sort())
    release()
    expect((await put).created).toBe(true)
    expect(await readFile(join(directory, 'objects', 'being/written'), 'utf8')).toBe('one two')
  })

  it('keeps its own folder out of the keys and out of lists', async () => {
    await store.put('a', Readable.from(['x']))
    await writeFile(join(directory, 'objects', '.tmp', 'x.part'), 'half')
    await expect(store.put('.tmp/x', Readable.from(['x']))).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(store.head('.tmp/x.part')).rejects.toMatchObject({ code: 'INVALID_KEY' })
    const keys: string[] = []
    for await (const { key } of store.list('')) keys.push(key)
    expect(keys).toEqual(['a'])
  })

  it('removes folders that a delete leaves empty, but never its own', async () => {
    await store.put('a/b/c', Readable.from(['x']))
    await store.delete('a/b/c')
    expect(await readdir(join(directory, 'objects'))).toEqual(['.tmp'])
  })

  it('says what is wrong with a name that is too long for the file system', async () => {
    await expect(store.put(`${'n'.repeat(300)}.csv`, Readable.from(['x']))).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: expect.stringMatching(/too long for the file system.*Shorten/),
    })
  })

  it('says that a key cannot be an object and a folder at once', async () => {
    await store.put('a/b', Readable.from(['x']))
    const both = { code: 'INVALID_KEY', message: expect.stringContaining('at once') }
    await expect(store.put('a', Readable.from(['x']))).rejects.toMatchObject(both)
    await expect(store.put('a/b/c', Readable.from(['x']))).rejects.toMatchObject(both)
  })

  it.skipIf(process.platform !== 'linux')('says that the disk is full, and what to do', async () => {
    const full = await open('/dev/full', 'w')
    const error = await full.writeFile('x').catch((reason: unknown) => reason)
    await full.close()
    expect(diskError('local', 'Cannot write a', error)).toMatchObject({
      code: 'STORE_ERROR',
      store: 'local',
      message: 'Cannot write a: the disk is full. Free some space, or move the store',
    })
  })

  it('lets the error of a source through as it is', async () => {
    const { createReadStream } = await import('node:fs')
    await expect(store.put('a', createReadStream(join(directory, 'absent')))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('makes its folder at setup, once', async () => {
    const folder = join(directory, 'objects')
    expect(await store.setup()).toEqual([`Made the folder ${folder}.`])
    expect((await stat(folder)).isDirectory()).toBe(true)
    expect(await store.setup()).toEqual([])
  })

  it('does not take a file in the place of its folder for a store without objects', async () => {
    await writeFile(join(directory, 'objects'), 'a file, where the folder should be')
    const calls = [
      () => store.put('a/b', Readable.from(['x'])),
      () => store.get('a/b'),
      () => store.head('a/b'),
      () => store.list('a/').next(),
      () => store.setup(),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'STORE_ERROR',
        message: expect.stringMatching(/objects is a file\. Correct the path of the store local: it needs a folder$/),
      })
    }
  })

  it('lists no file whose name cannot be a key: nobody could ask for it', async () => {
    await store.put('a/b', Readable.from(['x']))
    await writeFile(join(directory, 'objects', 'a', 'line\nbreak'), 'x')
    const listed: string[] = []
    for await (const { key } of store.list('a/')) listed.push(key)
    expect(listed).toEqual(['a/b'])
  })

  it('is diagnosed with what does not work, and what to do', async () => {
    await writeFile(join(directory, 'objects'), 'a file, where the folder should be')
    const { found, problems } = await store.diagnose()
    expect(found).toContain(join(directory, 'objects'))
    expect(problems).toEqual([expect.stringMatching(/is a file. Correct the path/)])
  })

  it('gives a path to the object itself', async () => {
    await store.put('a b/ü.csv', Readable.from(['x']))
    const path = await store.localPath('a b/ü.csv')
    expect((await stat(path)).size).toBe(1)
    expect(path.startsWith(directory)).toBe(true)
  })
})

describe('the registry', () => {
  it('opens a store of a kind from its options', async () => {
    const kind = objectStoreKindOf('disk')
    const opened = await kind.open('second', kind.parseOptions({ path: join(directory, 'second') }))
    await opened.put('a', Readable.from(['x']))
    expect(opened).toMatchObject({ name: 'second', kind: 'disk' })
    expect(kind.optionsJsonSchema()).toMatchObject({ properties: { path: { type: 'string' } } })
  })

  it('refuses options that are not there, and lists the kinds there are', () => {
    expect(() => objectStoreKindOf('disk').parseOptions({})).toThrow(/path/)
    expect(() => objectStoreKindOf('disk').parseOptions({ path: '/x', color: 'red' })).toThrow(/color/)
    expect(() => objectStoreKindOf('tape')).toThrow(/no object store of kind tape. There are: disk/)
    expect(new Set(objectStoreKinds.map((kind) => kind.kind)).size).toBe(objectStoreKinds.length)
  })
})
