import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Servers, startServers } from '../../scripts/servers/servers.js'
import { DemoStores } from '../pipeline/demo-stores.js'
import { createInstallation } from '../setup/installation.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { bigqueryAt, generateTinyDemo } from './demo.js'
import { MeddlingProxy, type SeenRequest } from './meddling-proxy.js'

const others = ['postgres', 'duckdb']

/** A server of its own: it is killed. */
describe.skipIf(process.env.GOLDGATE_TEST_BIGQUERY_ENDPOINT === undefined)('a run whose BigQuery', () => {
  let servers: Servers
  let proxy: MeddlingProxy
  let demo: DemoStores

  beforeAll(async () => {
    servers = await startServers({ bigquery: true })
    proxy = await MeddlingProxy.start(servers.bigquery.endpoint)
    const installation = await createInstallation({
      sources: { demo: 'demo-7' },
      cloudWarehouses: { bigquery: bigqueryAt(proxy.endpoint, 'faults') },
    })
    demo = new DemoStores(installation, await generateTinyDemo(installation.folder, 7))
  })
  afterAll(async () => {
    await proxy?.stop()
    await servers?.stop()
    await demo?.installation.remove()
  })

  /** Something new for every warehouse. */
  async function changeReturns(): Promise<void> {
    const path = join(demo.data, 'returns.ndjson')
    await writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(1).join('\n'))
  }

  let buildId: string

  /** BigQuery failed and says so, the others published. */
  async function runWithoutBigquery(): Promise<void> {
    const run = await demo.run()
    buildId = run.runId
    expect(run.status).toBe('failed')
    for (const name of others)
      expect(run.warehouses).toContainEqual(expect.objectContaining({ warehouse: name, outcome: 'published', buildId }))
    const message = expect.stringMatching(/^Warehouse bigquery does not answer .*see that the network/)
    expect(run.warehouses).toContainEqual(
      expect.objectContaining({ warehouse: 'bigquery', outcome: 'failed', message }),
    )
  }

  /** BigQuery catches up, by itself, with what the others have. */
  async function expectRepair(): Promise<void> {
    await servers.bigquery.start()
    const { status, warehouses } = await demo.run()
    const outcomes = warehouses.map(({ warehouse, outcome, buildId: id }) => [warehouse, outcome, id])
    expect(outcomes).toEqual([
      ...others.map((name) => [name, 'unchanged', buildId]),
      ['bigquery', 'published', buildId],
    ])
    expect(status).toBe('published')
    await expectEqualGold()
  }

  async function expectEqualGold(): Promise<void> {
    const gold = await readGold(demo.installation.config)
    expect([...gold.keys()]).toEqual([...others, 'bigquery'])
    for (const copy of gold.values()) expect(copy.rows.daily_revenue).not.toEqual([])
    expect(new Set([...gold.values()].map(goldHash)).size).toBe(1)
    expect(new Set([...gold.values()].map(({ buildId }) => buildId)).size).toBe(1)
  }

  /** The first such request is with the server when it is killed. */
  function killAt(isWanted: (request: SeenRequest) => boolean): () => boolean {
    let killed = false
    proxy.meddling = {
      sent: (request) => {
        if (killed || !isWanted(request)) return
        killed = true
        void servers.bigquery.kill()
      },
    }
    return () => killed
  }

  // One after the other: each run repairs what the one before it left, as far as it comes.
  it('is down from the start publishes the others', async () => {
    await servers.bigquery.kill()
    await runWithoutBigquery()
  }, 120_000)

  it.each([
    ['load', '"sourceFormat":"PARQUET"'],
    ['build', '"goldgate":"build"'],
  ])(
    'is killed in the middle of a %s publishes the others',
    async (_, mark) => {
      await servers.bigquery.start()
      await changeReturns()
      const wasKilled = killAt(({ body }) => body.includes(mark))
      await runWithoutBigquery()
      expect(wasKilled()).toBe(true)
      // A server that is gone is no reason for another load job.
      const loads = proxy.seen.flatMap(({ body }) => /"jobId":"(goldgate_load_\w+)"/.exec(body)?.[1] ?? [])
      expect(loads.filter((id) => !id.endsWith('_0'))).toEqual([])
    },
    180_000,
  )

  it('is back is filled by the next run, with the build and the rows of the others', async () => {
    proxy.meddling = {}
    await expectRepair()
  }, 180_000)

  it('comes back with nothing of what it held is filled again, with the same build', async () => {
    await servers.bigquery.kill()
    await rm(join(servers.folder, 'bigquery'), { recursive: true })
    await expectRepair()
  }, 180_000)
})
