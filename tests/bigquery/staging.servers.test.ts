import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { emulatorUnderTest } from '../../warehouses/adapters/bigquery/testing/emulator.js'
import { thing } from '../../warehouses/conformance/things.js'
import { Workbench } from '../../warehouses/conformance/workbench.js'
import { createInstallation } from '../setup/installation.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { GcsTestBucket } from '../stores/gcs-bucket.js'
import { bigqueryAt, generateTinyDemo } from './demo.js'
import { MeddlingProxy } from './meddling-proxy.js'

const endpoint = process.env.GOLDGATE_TEST_BIGQUERY_ENDPOINT

const loadJob = z.object({
  configuration: z.object({ load: z.object({ sourceFormat: z.literal('PARQUET'), sourceUris: z.array(z.string()) }) }),
})

describe.skipIf(endpoint === undefined)('a batch on its way into BigQuery', () => {
  const bucket = new GcsTestBucket()
  let proxy: MeddlingProxy

  beforeAll(async () => {
    await bucket.make()
    proxy = await MeddlingProxy.start(endpoint ?? '')
  })
  afterAll(async () => {
    await proxy?.stop()
    await bucket.remove()
  })

  /** Where the load jobs since the last call found their files; undefined = in the request itself. */
  function loadedFrom(): (readonly string[] | undefined)[] {
    const loads = proxy.seen.splice(0).filter(({ body }) => body.includes('"sourceFormat":"PARQUET"'))
    return loads.map(({ body }) =>
      body.startsWith('{') ? loadJob.parse(JSON.parse(body)).configuration.load.sourceUris : undefined,
    )
  }

  async function keys(): Promise<string[]> {
    const found: string[] = []
    for await (const { key } of bucket.open().list('')) found.push(key)
    return found
  }

  const staged = () =>
    emulatorUnderTest(proxy.endpoint, {
      staging: `gs://${bucket.name}/on the way/`,
      stagingApiEndpoint: bucket.endpoint,
    }).create()
  const rows = [thing('a', { label: 'ä' }), thing('b', { label: null })]

  it('is staged in GCS where no store of the profile holds it, and leaves nothing there', async () => {
    const subject = await staged()
    const bench = await Workbench.open(subject)
    const silver = await bench.write(async (writer) => {
      await bench.fill(writer, rows)
      return bench.silver(writer)
    })
    expect(silver).toMatchObject([
      { thing_id: 'a', label: 'ä' },
      { thing_id: 'b', label: null },
    ])
    const place = `gs://${bucket.name}/on the way/landing_things__`
    expect(loadedFrom()).toEqual([[expect.stringMatching(new RegExp(`^${place}[0-9a-f]{16}_1\\.parquet$`))]])
    expect(await keys()).toEqual([])
    await subject.close()
  })

  it('leaves nothing in GCS when it is refused either', async () => {
    const subject = await staged()
    const bench = await Workbench.open(subject)
    const batch = { ...(await bench.batch(rows)), rows: 3n }
    await expect(bench.write((writer) => writer.load(batch))).rejects.toThrow('was said to hold 3 rows and holds 2')
    expect(loadedFrom()).toHaveLength(1)
    expect(await keys()).toEqual([])
    await subject.close()
  })

  it('is uploaded where the profile has no GCS', async () => {
    const subject = await emulatorUnderTest(proxy.endpoint).create()
    const bench = await Workbench.open(subject)
    const silver = await bench.write(async (writer) => {
      await bench.fill(writer, rows)
      return bench.silver(writer)
    })
    expect(silver).toMatchObject([
      { thing_id: 'a', label: 'ä' },
      { thing_id: 'b', label: null },
    ])
    expect(loadedFrom()).toEqual([undefined])
    await subject.close()
  })

  it('is read from the GCS store of the profile, in a whole run', async () => {
    const installation = await createInstallation({
      sources: { demo: 'demo-4' },
      cloudStores: [{ name: 'gcs', kind: 'gcs', ...bucket.options({ prefix: 'lake' }) }],
      cloudWarehouses: { bigquery: bigqueryAt(proxy.endpoint, `staging_${Date.now()}`) },
    })
    await generateTinyDemo(installation.folder, 4)
    const app = installation.open()
    expect(await app.run({}, () => {})).toMatchObject({ status: 'published' })
    await app.close()
    const batches = (await keys()).filter(
      (key) => /^lake\/silver\/.*\.parquet$/.test(key) && !key.includes('quarantine'),
    )
    expect(batches).toHaveLength(8)
    expect(loadedFrom().flat().sort()).toEqual(batches.map((key) => `gs://${bucket.name}/${key}`).sort())
    const gold = await readGold(installation.config)
    expect([...gold.keys()]).toContain('bigquery')
    expect(new Set([...gold.values()].map(goldHash)).size).toBe(1)
    await installation.remove()
  }, 180_000)
})
