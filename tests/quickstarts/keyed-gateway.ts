import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateDemo } from '../../pipeline/sources/demo/generate.js'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { loadConfig } from '../../src/config/load-config.js'
import { createTestDatabase } from '../setup/database.js'

const settings = {
  version: 1,
  profile: 'quickstarts',
  profiles: {
    quickstarts: {
      control: { url: '${TEST_CONTROL_URL}' },
      stores: [{ name: 'disk', kind: 'disk', path: '${GOLDGATE_HOME}/store' }],
      warehouses: { duckdb: { kind: 'duckdb' } },
      defaultWarehouse: 'duckdb',
      sources: { demo: { data: 'demo' } },
      gateway: { port: 0, authentication: { keys: true } },
    },
  },
}

export interface KeyedGateway {
  readonly url: string
  readonly key: string
  close(): Promise<void>
}

/** A gateway with the demo data that `npm start` makes, which answers nobody without a key. */
export async function startKeyedGateway(): Promise<KeyedGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'goldgate quickstarts '))
  const control = await createTestDatabase()
  await generateDemo({}, join(folder, 'demo'))
  await writeFile(join(folder, 'goldgate.yaml'), JSON.stringify(settings))
  const env = { GOLDGATE_HOME: join(folder, 'home'), TEST_CONTROL_URL: control.url }
  const app = new GoldgateApp(loadConfig({ cwd: folder, env }))
  await app.run({}, () => {})
  const { key } = await (await app.keys()).create({ name: 'quickstarts', roles: ['unrestricted'], claims: {} })
  const end = new AbortController()
  let ended: Promise<void> = Promise.resolve()
  const url = await new Promise<string>((ready, fail) => {
    ended = app.serve((info) => ready(info.url), end.signal)
    ended.catch(fail)
  })
  return {
    ...{ url, key },
    async close() {
      end.abort()
      await ended
      await app.close()
      await control.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
