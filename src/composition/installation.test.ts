import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.js'
import { withClient } from '../embedded-postgres/client.js'
import { GoldgateApp } from './goldgate-app.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goldgate installation '))
  await chmod(folder, 0o711)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function use<T>(warehouses: object, work: (app: GoldgateApp) => Promise<T>, gateway = {}): Promise<T> {
  const stores = [{ name: 'disk', kind: 'disk', path: './store' }]
  const profile = { control: { embedded: true }, stores, warehouses, gateway, log: { level: 'error' } }
  await writeFile(join(folder, 'goldgate.yaml'), JSON.stringify({ version: 1, profiles: { local: profile } }))
  const app = new GoldgateApp(loadConfig({ cwd: folder, env: {} }))
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}
const embedded = (database: string) => ({ kind: 'postgres', embedded: true, database })

test('the URL for people is that of the first warehouse in the embedded server, whatever its database is called', async () => {
  const warehouses = { fast: { kind: 'duckdb' }, zebra: embedded('my shop'), apple: embedded('books') }
  await use(warehouses, async (app) => {
    await app.setup(60)
    const { embeddedPostgresUrlFile: file = '' } = await app.status()
    const url = await readFile(file, 'utf8')
    const asked = 'SELECT current_database() AS database, current_user AS me'
    const { rows } = await withClient(url, (client) => client.query(asked))
    expect(rows).toEqual([{ database: 'my shop', me: 'goldgate_reader' }])
  })
})

test('there is no URL for people where no warehouse is in the embedded server', async () => {
  const status = await use({ fast: { kind: 'duckdb' } }, (app) => app.status())
  expect(status).not.toHaveProperty('embeddedPostgresUrlFile')
})

test('a command that names a warehouse by its alias is told which one is meant', async () => {
  const told = async (app: GoldgateApp) => {
    for (const asked of [app.publish('build', 'primary'), app.release('primary')])
      await expect(asked).rejects.toMatchObject({
        code: 'WAREHOUSE_UNKNOWN',
        message: '"primary" is an alias of the warehouse fast ("gateway.aliases"), for requests only: name fast here.',
      })
  }
  await use({ fast: { kind: 'duckdb' } }, told, { aliases: { primary: 'fast' } })
})
