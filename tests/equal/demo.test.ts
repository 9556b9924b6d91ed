import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import type { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { duckdbDialect } from '../../warehouses/adapters/duckdb/dialect.js'
import { postgresDialect } from '../../warehouses/adapters/postgres/dialect.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { readRawFiles } from '../oracle/input.js'
import type { GoldTables } from '../oracle/recompute.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { expectGoldOf } from './compare.js'
import { expectReconciled } from './reconcile.js'
import { logDuckDb, logPostgres, type StatementLog, squeeze } from './statement-logs.js'

/** The sizes that the demo is promised with. */
const promised = { products: 100, customers: 500, stores: 20, campaigns: 12, sales: 2_000, inventory: 500 }
const twoYears = { from: '2024-01-01', to: '2025-12-31', returnRate: 0.08 }

describe('the demo in both warehouses', () => {
  let installation: TestInstallation
  let app: GoldgateApp
  let postgresLog: StatementLog
  let duckdbLog: StatementLog
  const buildIds: string[] = []

  beforeAll(async () => {
    installation = await createInstallation({ sources: { demo: '.' } })
    postgresLog = await logPostgres(installation.env.TEST_WAREHOUSE_URL ?? '')
    duckdbLog = await logDuckDb()
    app = installation.open()
  })
  afterAll(async () => {
    await app?.close()
    await duckdbLog?.close()
    await postgresLog?.close()
    await installation?.remove()
  })

  /** Runs the pipeline over what the generator makes, and compares Gold with what plain code makes of the same files. */
  async function goldOf(options: Parameters<typeof generateSmallDemo>[1]): Promise<GoldTables> {
    const folder = await generateSmallDemo(installation.folder, { ...promised, ...twoYears, ...options })
    const run = await app.run({ dataDirectory: folder }, () => {})
    expect(run).toMatchObject({ status: 'published', quarantine: [], failedSources: [] })
    buildIds.push(run.runId)
    const parity = await (await app.parity()).report({ build: run.runId })
    expect(parity).toMatchObject({ equal: true, warehouses: { length: 2 }, models: { length: goldModels.length } })
    const raw = await readRawFiles(folder, 'demo')
    const gold = await expectGoldOf(installation.config, [raw])
    for (const model of goldModels) expect(gold[model.name]?.length, model.name).toBeGreaterThan(0)
    expectReconciled(gold, raw)
    return gold
  }

  it('has exactly the promised rows in Gold, equal to those recomputed from its raw files', async () => {
    const gold = await goldOf({ seed: 1 })
    expect(Object.fromEntries(Object.entries(gold).map(([model, rows]) => [model, rows.length]))).toMatchObject({
      product_sales_performance: 100,
      customer_lifetime_value: 500,
      store_performance: 20,
      inventory_risk: 500,
      campaign_roi: 12,
    })
  })

  it.each([
    { seed: 2, sales: 3_000, itemsPerSale: 3 },
    { seed: 3, sales: 2_000, itemsPerSale: 1 },
    { seed: 4, sales: 1_500, itemsPerSale: 6, returnRate: 0.5, customers: 40, products: 400 },
  ])('equals the recomputation with $sales sales of about $itemsPerSale items (seed $seed)', async (options) => {
    await goldOf(options)
  })

  it('was built by SQL that each engine ran itself: their own logs say so', async () => {
    const builds = (await app.status()).builds
    const postgres = await postgresLog.read()
    const duckdb = await duckdbLog.read()
    for (const [warehouse, dialect, log] of [
      ['postgres', postgresDialect, postgres],
      ['duckdb', duckdbDialect, duckdb],
    ] as const) {
      const kept = builds.filter((build) => build.warehouse === warehouse)
      expect(kept.length).toBeGreaterThan(0)
      for (const build of kept) expectBuilt(log, dialect, build.buildId)
    }
    // Neither got its Gold from somewhere else: batches come from Parquet files, everything after them from the engine's own tables.
    expect(excerpts(postgres, /COPY (?!"?landing)\S+/gi)).toEqual([])
    expect(excerpts(duckdb, /\b(postgres_\w+|dblink|read_(?!parquet|only)\w+|COPY \S+)/gi)).toEqual([])
    for (const file of excerpts(duckdb, /ATTACH '[^']*'/g)) expect(file).toMatch(/\.duckdb(\.\w+)?'$/)
  })
})

/** The log holds, for each model, the statement that fills its table from the model's own SELECT over Silver. */
function expectBuilt(log: string, dialect: Dialect, buildId: string): void {
  const tag = new RegExp(`${buildId}_\\d+`).exec(log)?.[0]
  if (tag === undefined) throw new Error(`The log does not mention the build ${buildId}`)
  const names = entities.map((entity) => entity.name)
  for (const step of goldPlan({ models: goldModels, entities: names, dialect, build: { buildId, tag } })) {
    const table = dialect.goldTable({ buildId, tag }, step.model.name)
    const select = squeeze(step.select)
    expect(select).toContain(dialect.quote('silver'))
    const filling = log.split(/LOG: |QueryLog,/).filter((statement) => {
      const head = statement.slice(0, Math.max(0, statement.indexOf(select)))
      return /(CREATE TABLE|INSERT INTO)/.test(head) && head.includes(table)
    })
    expect(filling.length, `${buildId} ${step.model.name}`).toBe(1)
  }
}

const excerpts = (log: string, pattern: RegExp): string[] => [...log.matchAll(pattern)].map(([text]) => text)
