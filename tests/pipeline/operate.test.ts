import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lease } from '../../pipeline/control/lease.js'
import type { Durable, DurableWrite } from '../../pipeline/durable.js'
import { expectGoldOf, readEqualGold } from '../equal/compare.js'
import { readRawFiles } from '../oracle/input.js'
import type { GoldTables } from '../oracle/recompute.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { DemoFolder } from './demo-folder.js'
import { OneShop } from './one-shop.js'
import { type Order, orderLine, ordersHeader } from './shop.js'
import { shopOf } from './shop-gold.js'

describe('a rollback', () => {
  let demo: DemoFolder
  let oldBuild: string
  let oldGold: GoldTables
  let rename: (name: string) => Promise<unknown>

  beforeAll(async () => {
    demo = await DemoFolder.create()
    oldBuild = (await demo.run()).runId
    oldGold = await readEqualGold(demo.installation.config)
    rename = (name) =>
      demo.change('stores.ndjson', ([first = '', ...rest]) => [
        first.replace(/"store_name":"[^"]*"/, `"store_name":"${name}"`),
        ...rest,
      ])
    await rename('Second')
    expect((await demo.run()).status).toBe('published')
  })
  afterAll(() => demo?.installation.remove())

  const pointer = async (warehouse: string) => {
    const { pointers } = await demo.status()
    return pointers.find((each) => each.warehouse === warehouse)?.build
  }

  it('moves one warehouse to an older build and holds it there', async () => {
    const newer = (await pointer('duckdb'))?.buildId
    const moved = await demo.with((app) => app.publish(oldBuild, 'postgres'))
    expect(moved).toMatchObject({ buildId: oldBuild, held: true, stale: true })
    expect(await pointer('duckdb')).toMatchObject({ buildId: newer, held: false, stale: false })
    const gold = await readGold(demo.installation.config)
    expect(goldHash(gold.get('postgres'))).not.toBe(goldHash(gold.get('duckdb')))
    await demo.with((app) => app.publish(oldBuild, 'duckdb'))
    expect(await readEqualGold(demo.installation.config)).toEqual(oldGold)
  })

  it('stays while later builds are made, and ends when the pointer is released', async () => {
    await rename('Third')
    const run = await demo.run()
    expect(run.status).toBe('held')
    expect(run.warehouses.map((each) => [each.outcome, each.buildId])).toEqual([
      ['held', run.runId],
      ['held', run.runId],
    ])
    expect(await readEqualGold(demo.installation.config)).toEqual(oldGold)
    for (const warehouse of ['postgres', 'duckdb']) {
      const released = await demo.with((app) => app.release(warehouse))
      expect(released).toMatchObject({ buildId: run.runId, held: false, stale: false })
    }
    await expectGoldOf(demo.installation.config, [await readRawFiles(demo.data, 'demo')])
  })

  it('moves the pointer while a run has the lease, and says that the views stay behind', async () => {
    const build = (await pointer('postgres'))?.buildId ?? ''
    const lease = await Lease.acquire({ url: demo.installation.env.TEST_CONTROL_URL ?? '', seconds: 30 })
    const moved = await demo.with((app) => app.publish(build, 'postgres'))
    expect(moved).toMatchObject({ buildId: build, held: true, viewsBehind: expect.stringMatching(/running already/) })
    await lease.release()
    expect(await demo.with((app) => app.release('postgres'))).not.toHaveProperty('viewsBehind')
  })

  it('whose tables are gone is told by every run, and by the status, until the pointer is released', async () => {
    const newest = (await pointer('postgres'))?.buildId
    const { builds } = await demo.status()
    const older = builds.find((build) => build.warehouse === 'postgres' && build.buildId !== newest)?.buildId ?? ''
    await demo.with((app) => app.publish(older, 'postgres'))
    await dropTables(older)
    const run = await demo.run()
    expect(run.status).toBe('failed')
    expect(run.warehouses[0]).toMatchObject({
      ...{ warehouse: 'postgres', outcome: 'failed', buildId: newest },
      message: expect.stringMatching(new RegExp(`held at build ${older} whose tables are gone.*publish --release`)),
    })
    expect((await demo.status()).runs[0]?.error).toContain('whose tables are gone')
    await rename('Fourth')
    const next = await demo.run()
    expect(next.warehouses.map((each) => each.outcome)).toEqual(['failed', 'published'])
    expect(await demo.with((app) => app.release('postgres'))).toMatchObject({ buildId: next.runId, stale: false })
    expect((await demo.run()).status).toBe('unchanged')
  })

  async function dropTables(build: string): Promise<void> {
    const client = new pg.Client({ connectionString: demo.installation.env.TEST_WAREHOUSE_URL })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'gold_builds' AND strpos(tablename, $1) > 0`,
      [`__${build}_`],
    )
    expect(rows).not.toEqual([])
    for (const { name } of rows) await client.query(`DROP TABLE gold_builds."${name}" CASCADE`)
    await client.end()
  }

  it('to a build that is not there is refused with what to do', async () => {
    const publishing = demo.with((app) => app.publish('r19700101t000000_none', 'duckdb'))
    await expect(publishing).rejects.toMatchObject({
      code: 'BUILD_UNKNOWN',
      message: expect.stringContaining('goldgate status'),
    })
  })
})

describe('a second runner', () => {
  let installation: TestInstallation
  afterAll(() => installation?.remove())

  it('is told that one is running, changes nothing, and may run when that one has ended', async () => {
    installation = await createInstallation({ sources: { demo: 'demo-5' } })
    await generateSmallDemo(installation.folder, { seed: 5 })
    const gate = new Gate('warehouse.merge')
    const first = installation.open({ durable: gate.durable })
    const second = installation.open()
    try {
      const running = first.run({ runId: 'first' }, () => {})
      await gate.reached
      await expect(second.run({ runId: 'second' }, () => {})).rejects.toMatchObject({
        code: 'RUN_IN_PROGRESS',
        message: expect.stringContaining(`process ${process.pid}`),
      })
      expect((await second.status()).runs).toMatchObject([{ runId: 'first', status: 'running' }])
      gate.open()
      expect((await running).status).toBe('published')
      expect((await second.run({ runId: 'second' }, () => {})).status).toBe('unchanged')
      await expect(second.run({ runId: 'first' }, () => {})).rejects.toMatchObject({ code: 'RUN_ID_TAKEN' })
    } finally {
      gate.open()
      await first.close()
      await second.close()
    }
  })
})

describe('a run that is cancelled', () => {
  let installation: TestInstallation
  afterAll(() => installation?.remove())

  it('stops before its next write, and the next run finishes it', async () => {
    installation = await createInstallation({ sources: { demo: 'demo-5' } })
    const data = await generateSmallDemo(installation.folder, { seed: 5 })
    const gate = new Gate('warehouse.table')
    const cancelled = installation.open({ durable: gate.durable })
    const abort = new AbortController()
    const running = cancelled.run({ runId: 'cancelled' }, () => {}, abort.signal)
    running.catch(() => {})
    await gate.reached
    abort.abort(new Error('enough'))
    gate.open()
    await expect(running).rejects.toThrow('enough')
    await cancelled.close()
    const next = installation.open()
    try {
      expect((await next.status()).pointers.map((each) => each.build)).toEqual([undefined, undefined])
      expect(await next.run({}, () => {})).toMatchObject({ runId: 'cancelled', status: 'published' })
      await expectGoldOf(installation.config, [await readRawFiles(data, 'demo')])
      expect(await findOrphans(installation)).toEqual([])
    } finally {
      await next.close()
    }
  })
})

describe('two sources, one of which fails', () => {
  let one: OneShop
  const order: Order = {
    ...{ order: '1', version: 1, day: '2024-02-01', status: 'completed' },
    ...{ product: '0101', quantity: 3 },
  }
  let demo: string

  beforeAll(async () => {
    const scratch = await createInstallation({ sources: { demo: '.' } })
    demo = await generateSmallDemo(scratch.folder, { seed: 6 })
    one = await OneShop.create({}, { demo })
    await one.shop.deliver('orders/1.csv', [ordersHeader, orderLine(order)])
    return () => scratch.remove()
  })
  afterAll(() => one?.remove())

  it('publishes what the other brings when the first run of one fails', async () => {
    await one.shop.remove('products.csv')
    const run = await one.run()
    expect(run).toMatchObject({ status: 'failed', failedSources: [{ source: 'shop' }] })
    expect(run.warehouses.map((each) => each.outcome)).toEqual(['published', 'published'])
    await expectGoldOf(one.installation.config, [await readRawFiles(demo, 'demo')])
  })

  it('shows both when both deliver, and keeps the last good rows of one that fails again', async () => {
    await one.shop.deliver('products.csv', ['id,name,state,cost', '0101,Teapot,NA,1.00', '0102,Cup,NY,0.50'])
    expect((await one.run()).status).toBe('published')
    await expectGoldOf(one.installation.config, [shopOf([order]), await readRawFiles(demo, 'demo')])

    await one.shop.deliver('products.csv', ['id,name,state', '0101,Broken,NA'])
    const restored = await generateSmallDemo(one.folder, { seed: 7 })
    const run = await one.run({ sources: ['demo'], dataDirectory: restored })
    expect(run).toMatchObject({ status: 'published', failedSources: [] })
    const both = await one.run()
    expect(both).toMatchObject({ status: 'failed', failedSources: [{ source: 'shop' }] })
    await expectGoldOf(one.installation.config, [shopOf([order]), await readRawFiles(demo, 'demo')])
  })
})

/** Holds a run up right before its first write of a kind. */
class Gate {
  open: () => void = () => {}
  readonly reached: Promise<void>
  private arrive: () => void = () => {}
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve
  })

  constructor(private readonly at: DurableWrite) {
    this.reached = new Promise((resolve) => {
      this.arrive = resolve
    })
  }

  readonly durable: Durable = async (write, _subject, perform) => {
    if (write === this.at) {
      this.arrive()
      await this.opened
    }
    return perform()
  }
}
