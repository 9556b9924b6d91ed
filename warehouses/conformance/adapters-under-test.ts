import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapterOf } from '../adapters/registry.js'
import type { Warehouse } from '../contract/warehouse.js'
import type { AdapterUnderTest, Subject } from './subject.js'

interface Location {
  open(): Promise<Warehouse>
  openUnavailable(): Promise<Warehouse>
  remove(): Promise<void>
}

/** An adapter with a real engine and a fresh place for each case. */
function underTest(name: string, locate: (directory: string) => Promise<Location>): AdapterUnderTest {
  return {
    name,
    async create(): Promise<Subject> {
      const directory = await mkdtemp(join(tmpdir(), 'goldgate conformance '))
      const location = await locate(directory)
      const opened: Warehouse[] = []
      const remember = async (opening: Promise<Warehouse>) => {
        const warehouse = await opening
        opened.push(warehouse)
        return warehouse
      }
      return {
        directory,
        open: () => remember(location.open()),
        openUnavailable: () => remember(location.openUnavailable()),
        async close() {
          for (const warehouse of opened) await warehouse.close()
          await location.remove()
          await rm(directory, { recursive: true, force: true })
        },
      }
    },
  }
}

const noEmbeddedServer = () => Promise.reject(new Error('these tests name their server'))

export const duckdbUnderTest = underTest('duckdb', async (directory) => {
  const adapter = adapterOf('duckdb')
  const environment = { directory: join(directory, 'warehouse [1]'), embeddedPostgres: noEmbeddedServer }
  const blocked = join(directory, 'a file')
  return {
    open: () => adapter.open('main', adapter.parseOptions({}), environment),
    async openUnavailable() {
      await writeFile(blocked, '')
      return adapter.open('main', adapter.parseOptions({ path: join(blocked, 'folder') }), environment)
    },
    remove: async () => undefined,
  }
})

/** `createDatabase` makes an empty one in a running server. */
export const postgresUnderTest = (createDatabase: () => Promise<{ url: string; drop(): Promise<void> }>) =>
  underTest('postgres', async (directory) => {
    const adapter = adapterOf('postgres')
    const database = await createDatabase()
    const environment = { directory: join(directory, 'warehouse'), embeddedPostgres: noEmbeddedServer }
    const open = (url: string) => adapter.open('main', adapter.parseOptions({ url }), environment)
    return {
      open: () => open(database.url),
      openUnavailable: () => open('postgres://nobody@127.0.0.1:1/nothing'),
      remove: () => database.drop(),
    }
  })
