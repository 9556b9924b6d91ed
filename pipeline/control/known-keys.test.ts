import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../tests/setup/database.js'
import { ApiKeys } from './api-keys.js'
import { BuildLog } from './builds.js'
import { ControlDatabase } from './database.js'
import { KnownKeys } from './known-keys.js'
import { PointerWatch } from './pointer-watch.js'

let url: string
let drop: () => Promise<void>
let database: ControlDatabase
let keys: ApiKeys
/** Two processes that hear of changes. */
let watches: PointerWatch[]

beforeAll(async () => {
  const made = await createTestDatabase()
  url = made.url
  drop = () => made.drop()
  database = await ControlDatabase.open({ url })
  keys = new ApiKeys(database)
  const start = () => PointerWatch.start({ url }, new BuildLog(database))
  watches = [await start(), await start()]
})
afterAll(async () => {
  for (const watch of watches ?? []) await watch.close()
  await database?.close()
  await drop?.()
})

/** Keys that count how often the database is asked. */
class CountedKeys extends ApiKeys {
  asked = 0
  override find(key: string) {
    this.asked += 1
    return super.find(key)
  }
}

const create = (more: { expiresAt?: Date } = {}) =>
  keys.create({ name: 'x', roles: ['a'], claims: { c: 'd' }, ...more })

test('a key that was seen is known without the database, and no longer from when revoking returns, in every process', async () => {
  const counted = watches.map(() => new CountedKeys(database))
  const known = counted.map((each, i) => new KnownKeys(each, watches[i] as PointerWatch))
  for (let round = 0; round < 10; round++) {
    const { id, key } = await create()
    for (const each of known) expect(await each.find(key)).toMatchObject({ id, roles: ['a'], claims: { c: 'd' } })
    const asked = counted.map((each) => each.asked)
    for (const each of known) for (let i = 0; i < 50; i++) await each.find(key)
    expect(counted.map((each) => each.asked)).toEqual(asked)
    await keys.revoke(id)
    for (const each of known) expect(await each.find(key)).toBeUndefined()
  }
})

test('a key that is looked for while it is revoked is not taken afterwards', async () => {
  const known = new KnownKeys(keys, watches[0] as PointerWatch)
  for (let round = 0; round < 10; round++) {
    const { id, key } = await create()
    const looking = Array.from({ length: 20 }, () => known.find(key))
    await keys.revoke(id)
    expect(await known.find(key)).toBeUndefined()
    await Promise.all(looking)
    expect(await known.find(key)).toBeUndefined()
  }
})

test('expires in memory too, by the clock', async () => {
  const known = new KnownKeys(keys, watches[0] as PointerWatch)
  const { key } = await create({ expiresAt: new Date(Date.now() + 1500) })
  expect(await known.find(key)).toBeDefined()
  await expect.poll(() => known.find(key), { timeout: 5000 }).toBeUndefined()
})

test('without a word of what changes, each key is looked up', async () => {
  const counted = new CountedKeys(database)
  const known = new KnownKeys(counted, { generation: () => undefined })
  const { key } = await create()
  for (let i = 0; i < 3; i++) expect(await known.find(key)).toBeDefined()
  expect(counted.asked).toBe(3)
  expect(await known.find('ggk_wrong')).toBeUndefined()
  expect(counted.asked).toBe(3)
})
