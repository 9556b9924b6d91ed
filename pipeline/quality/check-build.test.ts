import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { early, north, sparse } from '../../tests/oracle/edge-cases.js'
import { build, buildGold, type Engine, fillSilver, openDuckDb, openPostgres } from '../../tests/oracle/engine.js'
import { duckdbDialect } from '../../warehouses/adapters/duckdb/dialect.js'
import type { CheckResult } from './check.js'
import { checkBuild, checksOf } from './check-build.js'
import { runChecks } from './run-checks.js'

const sources = [north, sparse, early]

/** Each breaks Silver or Gold in one way, and names every check of severity error that must see it. */
const breakages: readonly { readonly what: string; readonly sql: string; readonly errors: readonly string[] }[] = [
  {
    what: 'a row of an entity twice',
    sql: `INSERT INTO silver.customers SELECT * FROM silver.customers WHERE customer_id = 'c3'`,
    errors: ['silver.customers.key'],
  },
  {
    what: 'a required column without a value',
    sql: `UPDATE silver.stores SET store_name = NULL WHERE store_id = 's2'`,
    errors: ['silver.stores.required'],
  },
  {
    what: 'a value outside its list',
    sql: `UPDATE silver.stores SET store_type = 'kiosk' WHERE store_id = 's2'`,
    errors: ['silver.stores.accepted.store_type'],
  },
  {
    what: 'a row that breaks a row check',
    sql: `UPDATE silver.sales SET exchange_rate = 0 WHERE sale_id = 'd'`,
    errors: ['silver.sales.row.exchange_rate_positive'],
  },
  {
    what: 'a lost product',
    sql: `DELETE FROM {product_sales_performance} WHERE product_id = 'p3'`,
    errors: ['line_facts_and_products', 'revenue_of_products', 'rows_of_entities'],
  },
  {
    what: 'a customer counted twice',
    sql: `INSERT INTO {customer_lifetime_value} SELECT * FROM {customer_lifetime_value} WHERE customer_id = 'c9'`,
    errors: ['gold.customer_lifetime_value.grain', 'revenue_of_customers'],
  },
  {
    what: 'a cent too much in a store',
    sql: `UPDATE {store_performance} SET net_revenue = net_revenue + 0.01 WHERE store_id = 's9'`,
    errors: ['revenue_of_stores'],
  },
  {
    what: 'a campaign with an order too few',
    sql: `UPDATE {campaign_roi} SET attributed_orders = attributed_orders - 1 WHERE campaign_id = 'k9'`,
    errors: ['revenue_of_campaigns'],
  },
  {
    what: 'a day with another tax',
    sql: `UPDATE {daily_revenue} SET tax_total = tax_total + 1 WHERE revenue_date = DATE '2024-01-31'`,
    errors: ['revenue_of_days', 'sales_facts_and_days'],
  },
  {
    what: 'a sale on another day',
    sql: `UPDATE {fact_sales} SET order_date = DATE '2024-03-04' WHERE sale_id = 'd'`,
    errors: ['sales_facts_and_days'],
  },
  {
    what: 'a sale that earned without being completed',
    sql: `UPDATE {fact_sales} SET net_revenue = gross_revenue WHERE source = 'north' AND sale_id = 'b'`,
    errors: ['gold.fact_sales.row.net_of_completed', 'sales_facts_and_days'],
  },
  {
    what: 'a sale with a cent too much profit',
    sql: `UPDATE {fact_sales} SET net_margin = net_margin + 0.01 WHERE source = 'north' AND sale_id = 'a'`,
    errors: ['profit_of_sales_and_lines'],
  },
  {
    what: 'a line of another product',
    sql: `UPDATE {fact_product_sales} SET product_id = 'p2' WHERE sale_id = 'b'`,
    errors: ['line_facts_and_products'],
  },
  {
    what: 'a line twice',
    sql: `INSERT INTO {fact_product_sales} SELECT * FROM {fact_product_sales} WHERE sale_id = 'c'`,
    errors: ['gold.fact_product_sales.grain', 'line_facts_and_products', 'profit_of_sales_and_lines'],
  },
  {
    what: 'a refund on the wrong side',
    sql: `UPDATE {daily_revenue} SET refund_total = -refund_total WHERE revenue_date = DATE '2024-03-10'`,
    errors: ['gold.daily_revenue.row.refunds_subtracted', 'kpis_at_as_of', 'refunds_and_returns'],
  },
  {
    what: 'a lost snapshot at as_of',
    sql: `DELETE FROM {executive_kpis} WHERE source = 'north' AND snapshot_date = DATE '2024-03-10'`,
    errors: ['kpis_at_as_of'],
  },
  {
    what: 'stock that is not there',
    sql: `UPDATE {inventory_risk} SET stock_quantity = stock_quantity + 1 WHERE inventory_id = 'i3'`,
    errors: ['stock_of_inventory'],
  },
  {
    what: 'a stock status that its quantity contradicts',
    sql: `UPDATE {inventory_risk} SET stock_status = 'healthy' WHERE inventory_id = 'i1'`,
    errors: ['gold.inventory_risk.row.status_fits_quantity'],
  },
]

describe.each([
  ['DuckDB', openDuckDb],
  ['PostgreSQL', openPostgres],
] as const)('checks of a build in %s', (_name, open) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await open()
  })
  afterAll(() => engine.close())

  const counts = [{ source: 'north', entity: 'sales', raw: 5, loaded: 5, collapsed: 0, quarantined: 0, filtered: 0 }]
  const check = async () =>
    checkBuild({
      entities,
      models: goldModels,
      dialect: engine.dialect,
      build,
      counts,
      query: async (statement) => engine.read(statement.sql),
    })
  const failed = (results: readonly CheckResult[], severity: string): string[] =>
    results
      .filter((result) => result.severity === severity && result.status === 'failed')
      .map((result) => result.name)
      .sort()

  it('passes a build of odd but sound data, and reports what is odd', async () => {
    await fillSilver(engine, sources)
    await buildGold(engine)
    const { results, dataThrough } = await check()
    expect(failed(results, 'error')).toEqual([])
    expect(failed(results, 'warn')).toEqual([
      'silver.inventory.references.product_id',
      'silver.inventory.references.store_id',
      'silver.returns.references.product_id',
      'silver.sale_items.references.product_id',
      'silver.sale_items.references.sale_id',
      'silver.sales.references.campaign_id',
      'silver.sales.references.customer_id',
      'silver.sales.references.store_id',
      'totals_of_sales',
    ])
    expect(results.find((result) => result.name === 'silver.sales.references.campaign_id')).toEqual({
      name: 'silver.sales.references.campaign_id',
      severity: 'warn',
      status: 'failed',
      violations: 1n,
      sample: 'source=north campaign_id=k9 row_count=2',
    })
    expect(dataThrough).toEqual({ north: '2024-03-06', sparse: '2024-02-29', early: '2024-05-01' })
  })

  it('only warns of a sale whose total is not its lines and shipping', async () => {
    await fillSilver(engine, sources)
    await engine.execute(`UPDATE silver.sales SET total_amount = 11.00 WHERE sale_id = 'c'`)
    await buildGold(engine)
    const { results } = await check()
    expect(failed(results, 'error')).toEqual([])
    expect(results.find((result) => result.name === 'revenue_of_products_and_days')?.sample).toBe(
      'source=north net_of_products=29.01 net_of_days=31.01 shipping=1.00',
    )
    expect(results.find((result) => result.name === 'totals_of_sales')?.sample).toContain('total_amount=11.00')
  })

  it('asks for all counts of a build in a handful of statements', async () => {
    const statements: string[] = []
    const checks = checksOf({ entities, models: goldModels, dialect: engine.dialect, build })
    await fillSilver(engine, [early])
    await buildGold(engine)
    const results = await runChecks(checks, {
      dialect: engine.dialect,
      query: async (statement) => {
        statements.push(statement.sql)
        return engine.read(statement.sql)
      },
    })
    expect(results.map((result) => result.name)).toEqual(checks.map((each) => each.name))
    const samples = results.filter((result) => result.status === 'failed').length
    expect(statements.length - samples).toBeLessThan(checks.length / 10)
  })

  it.each(breakages)('sees $what', async ({ sql, errors }) => {
    await fillSilver(engine, sources)
    await buildGold(engine)
    await engine.execute(sql.replaceAll(/\{(\w+)\}/g, (_all, model: string) => engine.dialect.goldTable(build, model)))
    const { results } = await check()
    expect(failed(results, 'error')).toEqual(errors)
    expect(results.filter((result) => errors.includes(result.name)).every((result) => result.sample !== '')).toBe(true)
  })
})

describe('the list of checks', () => {
  it('has one result for each check, each name once', () => {
    const names = checksOf({ entities, models: goldModels, dialect: duckdbDialect, build }).map((each) => each.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('silver.sale_items.key')
    expect(names).toContain('totals_of_sales')
  })
})
