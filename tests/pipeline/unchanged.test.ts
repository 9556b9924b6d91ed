import { utimes } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGoldOf, readEqualGold } from '../equal/compare.js'
import { readRawFiles } from '../oracle/input.js'
import type { GoldTables } from '../oracle/recompute.js'
import { findOrphans } from '../setup/orphans.js'
import { DemoFolder } from './demo-folder.js'
import { footprint } from './footprint.js'

describe('a run after the first', () => {
  let demo: DemoFolder
  let gold: GoldTables
  let buildId: string

  beforeAll(async () => {
    demo = await DemoFolder.create()
    const first = await demo.run()
    expect(first.status).toBe('published')
    buildId = first.runId
    gold = await readEqualGold(demo.installation.config)
  })
  afterAll(() => demo?.installation.remove())

  it('builds nothing and writes nothing when nothing is new, also when a file was only touched', async () => {
    const before = await footprint(demo.installation)
    expect(Object.keys(before).length).toBeGreaterThan(40)
    await utimes(demo.path('sales.ndjson'), new Date(), new Date())
    const run = await demo.run()
    expect(run.status).toBe('unchanged')
    expect(run.warehouses.map(({ outcome, buildId: build }) => [outcome, build])).toEqual([
      ['unchanged', buildId],
      ['unchanged', buildId],
    ])
    expect(await footprint(demo.installation)).toEqual(before)
  })

  it('would be seen if it wrote', async () => {
    const before = await footprint(demo.installation)
    expect((await demo.run({ asOf: '2025-02-28' })).status).toBe('published')
    const changed = Object.entries(await footprint(demo.installation)).filter(([name, state]) => before[name] !== state)
    const names = changed.map(([name]) => name).join('\n')
    for (const place of [
      /^gold_builds\./m,
      /^goldgate_state\.fence$/m,
      /^silver\.sources$/m,
      /silver-.*\.duckdb$/m,
      /builds\/.*\.duckdb$/m,
    ])
      expect(names).toMatch(place)
  })

  it('loads only what changed when one file did, and publishes a build that shows it', async () => {
    const restore = await demo.change('products.ndjson', ([first = '', ...rest]) => [
      first.replace(/"product_name":"[^"]*"/, '"product_name":"Renamed ✓"'),
      ...rest,
    ])
    const run = await demo.run()
    expect(run.status).toBe('published')
    expect(run.runId).not.toBe(buildId)
    const products = gold.product_sales_performance?.length
    const loads = (await demo.status()).steps.filter((step) => step.step === 'load')
    expect(loads.map((step) => step.rows)).toEqual([products, products])
    const raw = await readRawFiles(demo.data, 'demo')
    const renamed = await expectGoldOf(demo.installation.config, [raw])
    expect(renamed.product_sales_performance?.filter((row) => row.product_name === 'Renamed ✓')).toHaveLength(1)
    await restore()
    expect((await demo.run()).status).toBe('published')
    expect(await readEqualGold(demo.installation.config)).toEqual(gold)
  })

  it('with an as_of in the middle of the data speaks for that day, in what depends on it only', async () => {
    expect((await demo.run({ asOf: '2024-12-15' })).status).toBe('published')
    const raw = await readRawFiles(demo.data, 'demo', '2024-12-15')
    const earlier = await expectGoldOf(demo.installation.config, [raw])
    expect(earlier.executive_kpis?.map((row) => row.snapshot_date)).toEqual(['2024-11-30', '2024-12-15'])
    expect({ ...earlier, executive_kpis: gold.executive_kpis }).toEqual(gold)
  })

  it('with a given as_of changes only what depends on it, and without one again shows what it showed', async () => {
    expect((await demo.run({ asOf: '2025-03-15' })).status).toBe('published')
    const raw = await readRawFiles(demo.data, 'demo', '2025-03-15')
    const later = await expectGoldOf(demo.installation.config, [raw])
    expect(later.executive_kpis?.at(-1)?.snapshot_date).toBe('2025-03-15')
    expect({ ...later, executive_kpis: gold.executive_kpis }).toEqual(gold)
    expect((await demo.run({ asOf: '2025-03-15' })).status).toBe('unchanged')
    expect((await demo.run()).status).toBe('published')
    expect(await readEqualGold(demo.installation.config)).toEqual(gold)
    expect(await findOrphans(demo.installation)).toEqual([])
  })
})
