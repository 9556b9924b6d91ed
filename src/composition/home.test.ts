import { chmod, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Config } from '../config/config.js'
import { EmbeddedPostgres } from '../embedded-postgres/server.js'
import { makeHome } from './home.js'

const isRoot = process.getuid?.() === 0

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goldgate home '))
  await chmod(folder, 0o711)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const configOf = (home: string, embedded: boolean) =>
  ({ home, control: { embedded } }) as Pick<Config, 'home' | 'control'>

test('a home is made for its owner alone, the folders above it as usual', async () => {
  const home = join(folder, 'above', 'home')
  await makeHome(configOf(home, false))
  expect(await modeOf(home)).toBe('700')
  expect(await modeOf(join(folder, 'above'))).not.toBe('700')
})

test('a home that is there stays as it is', async () => {
  for (const mode of [0o700, 0o755]) {
    const home = join(folder, String(mode))
    await mkdir(home)
    await chmod(home, mode)
    await makeHome(configOf(home, true))
    expect(await modeOf(home)).toBe(mode.toString(8))
  }
})

test('the embedded PostgreSQL keeps its data in a new home, where nobody but its account can pass', async () => {
  const home = join(folder, 'home')
  await makeHome(configOf(home, true))
  expect(await modeOf(home)).toBe(isRoot ? '710' : '700')
  const server = await EmbeddedPostgres.open(home)
  await server.close()
  const data = await stat(join(home, 'postgres', 'cluster', 'data'))
  expect((data.mode & 0o777).toString(8)).toBe('700')
  if (isRoot) expect([(await stat(home)).gid, (await stat(home)).uid]).toEqual([data.gid, 0])
})

test.runIf(isRoot)('data that its account can no longer reach are missed, not made anew elsewhere', async () => {
  const home = join(folder, 'home')
  await makeHome(configOf(home, true))
  await (await EmbeddedPostgres.open(home)).close()
  await chmod(home, 0o700)
  await expect(EmbeddedPostgres.open(home)).rejects.toMatchObject({
    code: 'POSTGRES_FILES_CLOSED',
    message: expect.stringContaining(join(home, 'postgres', 'cluster')),
  })
})

test.runIf(isRoot)(
  'a home that is closed to its account has the data elsewhere, and another home in its place has others',
  async () => {
    const home = join(folder, 'closed')
    const places = new Set<string>()
    for (const _ of [1, 2]) {
      await mkdir(home, { mode: 0o700 })
      for (const __ of [1, 2]) await (await EmbeddedPostgres.open(home)).close()
      const place = await readFile(join(home, 'postgres', 'cluster-location'), 'utf8')
      places.add(place)
      expect((await stat(join(place, 'data', 'PG_VERSION'))).isFile()).toBe(true)
      await rm(home, { recursive: true })
    }
    expect(places.size).toBe(2)
    for (const place of places) await rm(place, { recursive: true })
  },
)
