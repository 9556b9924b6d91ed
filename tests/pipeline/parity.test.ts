import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import type { Durable } from '../../pipeline/durable.js'
import type { Cli } from '../../src/cli/cli.js'
import { Interruption } from '../../src/cli/interruption.js'
import { runProgram } from '../../src/cli/program.js'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { Installation } from '../../src/composition/installation.js'
import { parityCatalog } from '../../src/composition/parity.js'
import { buildGateway } from '../../src/gateway/gateway.js'
import { DemoFolder } from './demo-folder.js'

/** What is done to a table of Postgres between its build and its checks. */
interface Plant {
  readonly model: string
  readonly sql: (table: string) => string
}

describe('warehouses that hold the same build', () => {
  let demo: DemoFolder
  let changes = 0
  beforeAll(async () => {
    demo = await DemoFolder.create()
  })
  afterAll(() => demo?.installation.remove())

  async function inPostgres(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
    const client = new pg.Client({ connectionString: demo.installation.env.TEST_WAREHOUSE_URL })
    await client.connect()
    await work(client).finally(() => client.end())
  }

  /** A run with a new build, of which Postgres has other rows than it should. */
  async function runWith(plant?: Plant, severity: 'warn' | 'error' = 'warn') {
    changes += 1
    await demo.change('stores.ndjson', ([first = '', ...rest]) => [
      first.replace(/"store_name":"[^"]*"/, `"store_name":"Change ${changes}"`),
      ...rest,
    ])
    const durable: Durable = async (write, subject, perform) => {
      if (plant && write === 'warehouse.finish' && subject === 'postgres')
        await inPostgres(async (client) => {
          const { rows } = await client.query<{ table: string }>(
            `SELECT oid::regclass::text AS table FROM pg_class WHERE relkind = 'r' AND starts_with(relname, $1) ORDER BY oid DESC LIMIT 1`,
            [`${plant.model}__`],
          )
          const changed = await client.query(plant.sql(rows[0]?.table ?? ''))
          expect(changed.rowCount).toBe(1)
        })
      return perform()
    }
    const config = { ...demo.installation.config, parity: { severity } }
    const app = new GoldgateApp(config, { durable })
    try {
      const run = await app.run({}, () => {})
      const catalog = await app.parity()
      const report = await catalog.report({})
      const unlike = report?.models.filter(({ equal }) => !equal) ?? []
      const keys = []
      for (const { model } of unlike) keys.push(...(await catalog.differingKeys(run.runId, model, 20)))
      const figures = unlike.map(({ model, figures: each }) => [model, each[1]?.differs])
      return { run, report, figures, keys, status: await app.status() }
    } finally {
      await app.close()
    }
  }

  /** Through the gateway, as a client asks. */
  async function ask(query: string): Promise<unknown> {
    const installation = new Installation(demo.installation.config)
    try {
      const { builds } = await installation.control()
      const { app, close } = await buildGateway({
        ...{ warehouses: await installation.warehouses(), defaultWarehouse: 'postgres', catalog: builds },
        ...{ parity: await parityCatalog(installation), introspection: true, landingPage: false },
        logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      })
      const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query } })
      await close()
      return response.json()
    } finally {
      await installation.close()
    }
  }

  /** What a command prints, and what it throws. */
  async function commandLine(...args: string[]): Promise<{ readonly out: string; readonly ended: unknown }> {
    let out = ''
    const stdout = { write: (text: string) => (out += text) }
    const nobody = () => {}
    const interruption = new Interruption(() => 0, nobody, nobody)
    const cli: Cli = {
      ...{ version: 'test', cwd: '/', stdout, stderr: stdout, interruption },
      loadConfig: async () => demo.installation.config,
      openApp: async (config) => new GoldgateApp(config),
      generateDemo: async () => [],
    }
    const ended = await runProgram(cli, args).catch((error: unknown) => error)
    return { out, ended }
  }

  it('are equal in every figure of every model', async () => {
    const { run, report, figures, status } = await runWith()
    expect(run.status).toBe('published')
    expect(report).toMatchObject({ buildId: run.runId, equal: true })
    expect(report?.warehouses.map(({ warehouse }) => warehouse)).toEqual(['postgres', 'duckdb'])
    expect(report?.models).toHaveLength(goldModels.length)
    expect(report?.models.every(({ figures: each }) => each.length === 2 && (each[0]?.rows ?? 0n) > 0n)).toBe(true)
    expect(figures).toEqual([])
    expect(
      status.builds.flatMap((build) => build.checksFailed.filter(({ name }) => name.startsWith('parity.'))),
    ).toEqual([])
  })

  it('and differ by a cent are told apart, down to the key, the column and both values', async () => {
    const { run, figures, keys } = await runWith({
      model: 'product_sales_performance',
      sql: (table) =>
        `UPDATE ${table} SET net_revenue = net_revenue + 0.01 WHERE product_id = (SELECT MIN(product_id) FROM ${table})`,
    })
    expect(figures).toEqual([['product_sales_performance', ['net_revenue', 'checksum']]])
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatchObject({ warehouses: ['postgres', 'duckdb'], more: false })
    const [key] = keys[0]?.keys ?? []
    expect(key?.key).toMatchObject({ source: 'demo' })
    expect(key?.rows).toEqual([1n, 1n])
    expect(key?.columns.map(({ column }) => column)).toEqual(['net_revenue'])
    const [more, less] = key?.columns[0]?.values ?? []
    expect(Number(more) - Number(less)).toBeCloseTo(0.01, 6)
    const query = `{ parity(model: PRODUCT_SALES_PERFORMANCE) { build equal warehouses { warehouse }
      models { model equal figures { warehouse rows differs sums { measure sum } } differingKeys(first: 5) {
        warehouses more keys { key { column value } rows columns { column values } } } } } }`
    expect(await ask(query)).toMatchObject({
      data: {
        parity: {
          ...{ build: run.runId, equal: false, warehouses: [{ warehouse: 'postgres' }, { warehouse: 'duckdb' }] },
          models: [
            {
              ...{ model: 'PRODUCT_SALES_PERFORMANCE', equal: false },
              figures: [{ differs: [] }, { differs: ['net_revenue', 'checksum'] }],
              differingKeys: [
                {
                  ...{ warehouses: ['postgres', 'duckdb'], more: false },
                  keys: [{ rows: [1, 1], columns: [{ column: 'net_revenue', values: [more, less] }] }],
                },
              ],
            },
          ],
        },
      },
    })
    for (const build of ['r0', '', '\\u0000'])
      expect(await ask(`{ parity(build: "${build}") { equal } }`)).toMatchObject({ data: { parity: null } })
    const tooMany = '{ parity { models { differingKeys(first: 100000) { more } } } }'
    expect(await ask(tooMany)).toMatchObject({ errors: [{ extensions: { code: 'PAGE_TOO_LARGE' } }] })
  })

  it('and differ by an empty text for a NULL are told apart, although every sum is the same', async () => {
    const { run, figures, keys, status } = await runWith({
      model: 'product_sales_performance',
      sql: (table) =>
        `UPDATE ${table} SET brand = '' WHERE product_id = (SELECT MIN(product_id) FROM ${table} WHERE brand IS NULL)`,
    })
    expect(run.status).toBe('published')
    expect(figures).toEqual([['product_sales_performance', ['checksum']]])
    expect(keys[0]?.keys.map(({ columns }) => columns)).toEqual([[{ column: 'brand', values: ['', null] }]])
    const failed = status.builds.filter(({ buildId }) => buildId === run.runId).flatMap((build) => build.checksFailed)
    const told = failed.filter(({ name }) => name === 'parity.product_sales_performance')
    expect(told).toMatchObject([
      {
        severity: 'warn',
        violations: 1,
        sample: expect.stringMatching(/^unlike (postgres|duckdb): checksum \d+, there \d+$/),
      },
    ])
  })

  it('and differ by a row are told apart, and the row is named', async () => {
    const { figures, keys } = await runWith({
      model: 'customer_lifetime_value',
      sql: (table) => `DELETE FROM ${table} WHERE customer_id = (SELECT MIN(customer_id) FROM ${table})`,
    })
    expect(figures[0]?.[0]).toBe('customer_lifetime_value')
    expect(figures[0]?.[1]).toEqual(expect.arrayContaining(['rows', 'checksum']))
    expect(keys[0]?.keys).toMatchObject([{ rows: [0n, 1n], columns: [] }])
    const { out, ended } = await commandLine('parity', '--model', 'customer_lifetime_value', '--keys')
    expect(ended).toMatchObject({ code: 'PARITY_DIFFERS', exitCode: 1 })
    expect(out).toMatch(/DIFFERENT: rows, .*checksum/)
    expect(out).toMatch(/source=demo customer_id=\S+: 0 rows in postgres, 1 row in duckdb/)
  })

  it('and differ are not both published where the profile calls that an error; the later one says why', async () => {
    const { run, status } = await runWith(
      {
        model: 'product_sales_performance',
        sql: (table) =>
          `UPDATE ${table} SET brand = '' WHERE product_id = (SELECT MIN(product_id) FROM ${table} WHERE brand IS NULL)`,
      },
      'error',
    )
    expect(run.status).toBe('gated')
    expect(run.warehouses.map(({ outcome }) => outcome).sort()).toEqual(['gated', 'published'])
    const gated = run.warehouses.find(({ outcome }) => outcome === 'gated')
    expect(gated?.message).toMatch(/failed parity\.product_sales_performance; the last good build stays published/)
    const pointer = status.pointers.find(({ warehouse }) => warehouse === gated?.warehouse)
    expect(pointer?.build).toMatchObject({ gate: 'failed', stale: true })
    expect(pointer?.build?.buildId).not.toBe(run.runId)
  })

  it('and that one of them made while it was alone are compared when the other comes; before, they are read for who asks', async () => {
    changes += 1
    await demo.change('stores.ndjson', ([first = '', ...rest]) => [
      first.replace(/"store_name":"[^"]*"/, `"store_name":"Change ${changes}"`),
      ...rest,
    ])
    const both = { ...demo.installation.config, parity: { severity: 'error' as const } }
    const alone = { ...both, warehouses: both.warehouses.filter(({ name }) => name === 'postgres') }
    const seen = async (config: typeof both) => {
      const installation = new Installation(config)
      const kept = await parityCatalog(installation).then((catalog) => catalog.report({}))
      const read = await parityCatalog(installation, true).then((catalog) => catalog.report({}))
      await installation.close()
      return { kept, read }
    }
    const first = new GoldgateApp(alone)
    const made = await first.run({}, () => {}).finally(() => first.close())
    const { kept, read } = await seen(alone)
    expect(kept).toBeUndefined()
    expect(read).toMatchObject({ buildId: made.runId, warehouses: [{ warehouse: 'postgres', status: 'passed' }] })
    expect(read?.models).toHaveLength(goldModels.length)
    await inPostgres(async (client) => {
      const table = `gold_builds."daily_revenue__${(await tagOf(client)) ?? ''}"`
      await client.query(`UPDATE ${table} SET net_revenue = net_revenue + 0.01`)
    })
    const second = new GoldgateApp(both)
    const joined = await second.buildWarehouse('duckdb', () => {}).finally(() => second.close())
    expect(joined.warehouses).toMatchObject([{ warehouse: 'duckdb', outcome: 'gated', buildId: made.runId }])
    expect(joined.warehouses[0]?.message).toMatch(/failed parity\.daily_revenue;/)
    expect((await seen(both)).kept).toMatchObject({ buildId: made.runId, equal: false, warehouses: { length: 2 } })
  })
})

/** Of the build whose tables were made last. */
async function tagOf(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND starts_with(relname, 'daily_revenue__') ORDER BY oid DESC LIMIT 1`,
  )
  return rows[0]?.name.slice('daily_revenue__'.length)
}
