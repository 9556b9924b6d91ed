import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { format, parse } from '../oracle/decimal.js'
import { type OracleSource, readRawFiles } from '../oracle/input.js'
import type { GoldTables } from '../oracle/recompute.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { expectGoldOf, expectSameRows } from './compare.js'
import { readGlobalElectronics } from './global-electronics-files.js'
import { readSilver } from './read-silver.js'
import { expectReconciled } from './reconcile.js'

const data = process.env.GOLDGATE_TEST_DATA
if (data === undefined)
  console.warn('Skipped: set GOLDGATE_TEST_DATA to a folder that holds global-electronics/ to run these tests.')

describe.skipIf(data === undefined)('Global Electronics in both warehouses', () => {
  const folder = join(data ?? '', 'global-electronics')
  let installation: TestInstallation
  let raw: OracleSource
  let gold: GoldTables

  beforeAll(async () => {
    raw = await readGlobalElectronics(folder)
    installation = await createInstallation({ sources: { 'global-electronics': folder, demo: '.' } })
    const app = installation.open()
    const run = await app.run({ sources: ['global-electronics'] }, () => {})
    const parity = await (await app.parity()).report({})
    await app.close()
    expect(parity).toMatchObject({ buildId: run.runId, equal: true, warehouses: { length: 2 } })
    expect(parity?.models).toHaveLength(goldModels.length)
    expect(run).toMatchObject({ status: 'published', quarantine: [], failedSources: [] })
    gold = await expectGoldOf(installation.config, [raw])
  })
  afterAll(() => installation?.remove())

  function total(model: string, column: string): string {
    const rows = gold[model] ?? []
    return format(
      rows.reduce((sum, row) => sum + parse(String(row[column]), 2), 0n),
      2,
    )
  }

  it('has the known totals in Gold', () => {
    expect(total('daily_revenue', 'total_orders')).toBe('26326.00')
    expect(total('product_sales_performance', 'units_sold')).toBe('197757.00')
    expect(total('daily_revenue', 'net_revenue')).toBe('55755479.59')
    expect(total('product_sales_performance', 'net_revenue')).toBe('55755479.59')
    expect(total('product_sales_performance', 'estimated_gross_margin')).toBe('32662688.38')
    expect(total('product_sales_performance', 'net_margin')).toBe('32662688.38')
    expect(total('fact_sales', 'net_revenue')).toBe('55755479.59')
    expect(total('fact_product_sales', 'net_margin')).toBe('32662688.38')
  })

  it('reconciles to the cent', () => expectReconciled(gold, raw))

  it.each([
    ['daily_revenue', ['refund_total', 'revenue_after_refunds']],
    ['product_sales_performance', ['return_count', 'return_rate']],
    ['executive_kpis', ['refund_amount', 'return_count', 'low_stock_items', 'out_of_stock_items']],
  ])('shows what the source does not know in %s as NULL, not as zero', (model, columns) => {
    expect(gold[model]?.length).toBeGreaterThan(0)
    for (const row of gold[model] ?? []) for (const column of columns) expect(row[column]).toBeNull()
  })

  it('has no rows where the source has no inventory and no campaigns', () => {
    expect(gold.inventory_risk).toEqual([])
    expect(gold.campaign_roi).toEqual([])
  })

  it('reads names with accents in both encodings, and keeps what only looks like no value', async () => {
    const customers = await readSilver(installation, 'customers')
    expect(customers.duckdb).toEqual(customers.postgres)
    const silver = new Map(customers.postgres.map((row) => [row.customer_id, row]))
    const known = raw.entities.customers ?? []
    expect(silver.size).toBe(15_266)
    for (const row of known) expect(silver.get(row.customer_id ?? '')).toMatchObject(row)
    expect(known.filter((row) => /[À-ÿ]/.test(row.customer_name ?? '')).length).toBeGreaterThan(100)
    // Their state code is NA, which stands for Napoli.
    expect(silver.get('729681')).toMatchObject({ customer_name: 'Rossana Padovesi', state: 'Napoli' })
    const stores = await readSilver(installation, 'stores')
    expect(stores.duckdb).toEqual(stores.postgres)
    expect(stores.postgres.find((row) => row.store_id === '14')?.store_name).toBe('France, Franche-Comté')
  })

  it('stands beside the demo, each source as if it were alone, and no model is empty', async () => {
    const demo = await generateSmallDemo(installation.folder, { seed: 11 })
    const app = installation.open()
    const run = await app.run({ sources: ['demo'], dataDirectory: demo }, () => {})
    await app.close()
    expect(run).toMatchObject({ status: 'published', failedSources: [] })
    const demoRaw = await readRawFiles(demo, 'demo')
    const both = await expectGoldOf(installation.config, [raw, demoRaw])
    for (const { name } of goldModels) {
      expect(both[name]?.length, name).toBeGreaterThan(0)
      const own = (both[name] ?? []).filter((row) => row.source === 'global-electronics')
      expectSameRows(name, own, gold[name] ?? [])
    }
    expectReconciled(both, raw)
    expectReconciled(both, demoRaw)
  })
})
