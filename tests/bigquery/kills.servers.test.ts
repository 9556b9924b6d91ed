import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DurableWrite } from '../../pipeline/durable.js'
import { type Servers, startServers } from '../../scripts/servers/servers.js'
import { killAt, runToEnd } from '../crash/run-and-kill.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { bigqueryAt, generateTinyDemo } from './demo.js'
import { findBigqueryOrphans } from './orphans.js'

const warehouse = 'bigquery'

/**
 * Every write of a run in BigQuery, in their order. The runner is killed before the first of a name; the next one, which goes on with the same
 * run, behind it; and so on, so that no build is made twice as often as there are kills.
 */
const rows: readonly (readonly [string, readonly DurableWrite[]])[] = [
  ['while it fills Silver', ['warehouse.load', 'warehouse.merge', 'warehouse.sources']],
  ['while it builds Gold', ['warehouse.table', 'warehouse.finish', 'control.build']],
  ['while it checks', ['control.checks', 'control.parity']],
  ['while it publishes', ['control.publish', 'warehouse.views', 'warehouse.retain']],
]

describe.skipIf(process.env.GOLDGATE_TEST_BIGQUERY_ENDPOINT === undefined)(
  'a runner that is killed over BigQuery',
  () => {
    let servers: Servers
    let installation: TestInstallation
    let data: string
    /** Of what clean runs make of the two deliveries. */
    const hashes: string[] = []

    async function cleanHash(): Promise<string> {
      const clean = await createInstallation({ sources: { demo: data } })
      expect((await runToEnd(clean.env)).end).toMatch(/^END published/)
      const hash = goldHash((await readGold(clean.config)).get('postgres'))
      await clean.remove()
      return hash
    }

    beforeAll(async () => {
      servers = await startServers({ bigquery: true })
      installation = await createInstallation({
        sources: { demo: 'data' },
        cloudWarehouses: { [warehouse]: bigqueryAt(servers.bigquery.endpoint, 'kills') },
      })
      data = join(installation.folder, 'data')
      await cp(await generateTinyDemo(installation.folder, 3), data, { recursive: true })
      hashes.push(await cleanHash())
      expect((await runToEnd(installation.env)).end).toMatch(/^END published/)
      const returns = join(data, 'returns.ndjson')
      await writeFile(returns, (await readFile(returns, 'utf8')).split('\n').slice(1).join('\n'))
      hashes.push(await cleanHash())
      expect(new Set(hashes).size).toBe(2)
    }, 300_000)
    afterAll(async () => {
      await servers?.stop()
      await installation?.remove()
    })

    it.each(rows)('%s shows nobody half a build', { timeout: 900_000 }, async (_, writes) => {
      for (const write of writes) {
        for (const when of ['before', 'after'] as const) {
          const { stopped, end } = await killAt(installation.env, { write, nth: 1, when, warehouse })
          expect([write, when, stopped, end]).toEqual([write, when, true, undefined])
          for (const copy of (await readGold(installation.config)).values()) expect(hashes).toContain(goldHash(copy))
        }
      }
    })

    it('leaves the Gold of a clean run in the end, and nothing else', { timeout: 900_000 }, async () => {
      expect((await runToEnd(installation.env)).end).toMatch(/^END (published|unchanged)/)
      const gold = await readGold(installation.config)
      expect([...gold].map(([name, copy]) => [name, goldHash(copy)])).toEqual(
        ['postgres', 'duckdb', warehouse].map((name) => [name, hashes[1]]),
      )
      expect(new Set([...gold.values()].map(({ buildId }) => buildId)).size).toBe(1)
      expect([...(await findOrphans(installation)), ...(await findBigqueryOrphans(installation))]).toEqual([])
    })
  },
)
