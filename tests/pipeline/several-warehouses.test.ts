import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../pipeline/run-events.js'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import type { Config } from '../../src/config/config.js'
import { duckdbAdapter } from '../../warehouses/adapters/duckdb/adapter.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { DemoFolder } from './demo-folder.js'

describe('a warehouse among others', () => {
  let demo: DemoFolder
  let buildId: string
  /** `step subject state` of the first run, in their order. */
  const events: string[] = []
  const duckdb = () => join(demo.installation.folder, 'home', 'warehouses', 'duckdb')
  const outcomes = (run: Awaited<ReturnType<DemoFolder['run']>>) =>
    run.warehouses.map((each) => [each.warehouse, each.outcome, each.buildId])
  const renameStore = (name: string) =>
    demo.change('stores.ndjson', ([first = '', ...rest]) => [
      first.replace(/"store_name":"[^"]*"/, `"store_name":"${name}"`),
      ...rest,
    ])

  beforeAll(async () => {
    demo = await DemoFolder.create()
    const record = ({ step, subject, state }: RunEvent) => events.push(`${step} ${subject} ${state}`)
    buildId = (await demo.with((app) => app.run({}, record))).runId
  })
  afterAll(() => demo?.installation.remove())

  async function expectEqualGold(config: Config = demo.installation.config): Promise<void> {
    const hashes = [...(await readGold(config)).values()].map(goldHash)
    expect(hashes).toHaveLength(config.warehouses.length)
    expect(new Set(hashes).size).toBe(1)
  }

  it('ends each step for whoever watches, and the run itself last', () => {
    const begun = events.filter((event) => event.endsWith(' started')).map((event) => event.replace(/ started$/, ''))
    expect(begun[0]).toBe(`run ${buildId}`)
    expect(begun.filter((step) => !events.includes(`${step} done`) && !events.includes(`${step} skipped`))).toEqual([])
    expect(events.filter((event) => event.startsWith('run '))).toEqual([
      `run ${buildId} started`,
      `run ${buildId} done`,
    ])
    expect(events.at(-1)).toBe(`run ${buildId} done`)
  })

  it('is loaded, built and checked side by side with them, of what was conformed once', () => {
    expect(events.filter((event) => event === 'conform demo done')).toHaveLength(1)
    const at = (name: string, event: string) => {
      const found = events.indexOf(event.replace('NAME', name))
      return found === -1 ? Number.NaN : found
    }
    for (const [one, other] of [
      ['postgres', 'duckdb'],
      ['duckdb', 'postgres'],
    ] as const)
      expect(at(one, 'load NAME started')).toBeLessThan(at(other, 'publish NAME done'))
  })

  it('that is added later gets the build of the others, under its id, without a run of its sources', async () => {
    const later = { name: 'later', kind: 'duckdb', options: duckdbAdapter.parseOptions({}) }
    const config: Config = { ...demo.installation.config, warehouses: [...demo.installation.config.warehouses, later] }
    const steps: string[] = []
    const app = new GoldgateApp(config)
    try {
      const run = await app.buildWarehouse('later', ({ step, subject, state }) => {
        if (state === 'done' && step !== 'run') steps.push(`${step} ${subject}`)
      })
      expect(outcomes(run)).toEqual([['later', 'published', buildId]])
      expect(run.runId).not.toBe(buildId)
      expect(steps).toEqual([
        'load later',
        'merge later',
        'build later',
        'check later',
        'parity later',
        'publish later',
      ])
      expect(outcomes(await app.buildWarehouse('later', () => {}))).toEqual([['later', 'unchanged', buildId]])
      await expectEqualGold(config)
    } finally {
      await app.close()
    }
  })

  it('whose build files are gone is noticed and filled again under the same id, also when nothing else changed', async () => {
    for (const name of await readdir(join(duckdb(), 'builds'))) await rm(join(duckdb(), 'builds', name))
    const run = await demo.run()
    expect(outcomes(run)).toEqual([
      ['postgres', 'unchanged', buildId],
      ['duckdb', 'published', buildId],
    ])
    await expectEqualGold()
  })

  it('one of whose tables was dropped by hand is noticed and built again under the same id', async () => {
    const client = new pg.Client({ connectionString: demo.installation.env.TEST_WAREHOUSE_URL })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'gold_builds' AND tablename LIKE 'daily\\_revenue\\_\\_%'`,
    )
    await client.query(`DROP TABLE gold_builds."${rows[0]?.name}" CASCADE`)
    await client.end()
    expect(outcomes(await demo.run())).toEqual([
      ['postgres', 'published', buildId],
      ['duckdb', 'unchanged', buildId],
    ])
    await expectEqualGold()
  })

  it('that was emptied altogether is filled by "warehouse build" to the same rows', async () => {
    await rm(duckdb(), { recursive: true })
    const run = await demo.with((app) => app.buildWarehouse('duckdb', () => {}))
    expect(outcomes(run)).toEqual([['duckdb', 'published', buildId]])
    await expectEqualGold()
    expect(await findOrphans(demo.installation)).toEqual([])
  })

  it('that is down stays on its last good build, says so, and catches up later under the id that the others gave', async () => {
    const restore = await renameStore('While one was down')
    const away = `${duckdb()} away`
    await rename(duckdb(), away)
    // A file where its folder should be.
    await writeFile(duckdb(), '')
    const down = await demo.run()
    expect(down.status).toBe('failed')
    expect(outcomes(down)).toEqual([
      ['postgres', 'published', down.runId],
      ['duckdb', 'failed', undefined],
    ])
    expect(down.warehouses[1]?.message).toMatch(/duckdb/)
    const { pointers } = await demo.status()
    expect(pointers.map(({ warehouse, build }) => [warehouse, build?.buildId])).toEqual([
      ['postgres', down.runId],
      ['duckdb', buildId],
    ])
    await rm(duckdb())
    await rename(away, duckdb())
    const up = await demo.run()
    expect(outcomes(up)).toEqual([
      ['postgres', 'unchanged', down.runId],
      ['duckdb', 'published', down.runId],
    ])
    await expectEqualGold()
    await restore()
  })
})
