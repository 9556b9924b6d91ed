import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGoldOf, readEqualGold } from '../equal/compare.js'
import { readRawFiles } from '../oracle/input.js'
import { DemoFolder } from './demo-folder.js'

describe('a delivery that breaks a key', () => {
  let demo: DemoFolder
  let good: string
  let restore: () => Promise<void>

  beforeAll(async () => {
    demo = await DemoFolder.create()
    good = (await demo.run()).runId
    restore = await demo.change('products.ndjson', (lines) => [
      ...lines,
      (lines[0] ?? '').replace(/"product_name":"[^"]*"/, '"product_name":"Another"'),
    ])
  })
  afterAll(() => demo?.installation.remove())

  const pointers = async () =>
    (await demo.status()).pointers.map(({ warehouse, build }) => ({
      warehouse,
      build: build?.buildId,
      gate: build?.gate,
      stale: build?.stale,
    }))
  const everywhere = (build: string, gate: string, stale: boolean) =>
    ['postgres', 'duckdb'].map((warehouse) => ({ warehouse, build, gate, stale }))

  it('is built and gated; the last good build stays published, and says so', async () => {
    const before = await readEqualGold(demo.installation.config)
    const run = await demo.run()
    expect(run.status).toBe('gated')
    expect(run.warehouses.map((each) => [each.outcome, each.buildId])).toEqual([
      ['gated', run.runId],
      ['gated', run.runId],
    ])
    for (const each of run.warehouses) expect(each.message).toMatch(/silver\.products\.key.*last good build/)
    expect(await pointers()).toEqual(everywhere(good, 'failed', true))
    expect(await readEqualGold(demo.installation.config)).toEqual(before)
    const { builds, runs } = await demo.status()
    expect(runs[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('silver.products.key') })
    const gated = builds.filter((build) => build.buildId === run.runId)
    expect(gated.map((build) => build.status)).toEqual(['failed', 'failed'])
    for (const { checksFailed } of gated) {
      const key = checksFailed.find((check) => check.name === 'silver.products.key')
      expect(key).toMatchObject({ severity: 'error', violations: 1 })
      expect(key?.sample).toMatch(/source=demo product_id=.* row_count=2/)
    }
  })

  it('is not built again while it does not change', async () => {
    const gated = (await demo.status()).builds[0]?.buildId
    const run = await demo.run()
    expect(run.status).toBe('gated')
    expect(run.warehouses.map((each) => each.buildId)).toEqual([gated, gated])
    expect((await demo.status()).builds[0]?.buildId).toBe(gated)
  })

  it('can be published by nobody', async () => {
    const gated = (await demo.status()).builds[0]?.buildId ?? ''
    const publishing = demo.with((app) => app.publish(gated, 'postgres'))
    await expect(publishing).rejects.toMatchObject({ code: 'BUILD_NOT_PUBLISHABLE' })
    expect(await pointers()).toEqual(everywhere(good, 'failed', true))
  })

  it('is followed by the next good one', async () => {
    await restore()
    const better = await demo.change('stores.ndjson', ([first = '', ...rest]) => [
      first.replace(/"store_name":"[^"]*"/, '"store_name":"New name"'),
      ...rest,
    ])
    const run = await demo.run()
    expect(run.status).toBe('published')
    expect(await pointers()).toEqual(everywhere(run.runId, 'passed', false))
    await expectGoldOf(demo.installation.config, [await readRawFiles(demo.data, 'demo')])
    await better()
  })
})
