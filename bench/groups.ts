import { join } from 'node:path'
import pg from 'pg'
import { EmbeddedPostgres } from '../src/embedded-postgres/server.js'
import { adapterOf } from '../warehouses/adapters/registry.js'
import type { Benchmark, Figure } from './bench.js'
import { openPublished } from './published.js'
import { Servers } from './servers/start.js'
import { Workspace } from './workspace.js'

const ROUNDS = 7
const MODEL = 'fact_product_sales'

interface GroupQuestion {
  readonly name: string
  /** GraphQL behind `factProductSalesBy`; `<since>` is a day before all others, another one each time. */
  readonly graphql: string
  /** SQL over `<table>`, as an analyst writes it for an engine. */
  readonly sql: string
}

const questions: readonly GroupQuestion[] = [
  {
    name: 'revenue by category',
    graphql: '(where: { orderDate: { gte: "<since>" } }, first: 50) { nodes { category netRevenue unitsSold } }',
    sql: `SELECT category, SUM(net_revenue), SUM(units_sold) FROM <table> WHERE order_date >= DATE '<since>' GROUP BY category ORDER BY category LIMIT 51`,
  },
  {
    name: 'month × customer country × category',
    graphql:
      '(where: { orderDate: { gte: "<since>" } }, first: 50) { nodes { orderDate(grain: MONTH) customerCountry category netRevenue netMargin } }',
    sql: `SELECT CAST(date_trunc('month', order_date) AS date) AS month, customer_country, category, SUM(net_revenue), SUM(net_margin) FROM <table>
      WHERE order_date >= DATE '<since>' GROUP BY 1, 2, 3 ORDER BY 1 DESC NULLS LAST, 2, 3 LIMIT 51`,
  },
  {
    name: 'the 20 best of 5,000 products',
    graphql:
      '(where: { orderDate: { gte: "<since>" } }, orderBy: [{ field: NET_REVENUE, direction: DESC }], first: 20) { nodes { productId productName netRevenue } }',
    sql: `SELECT product_id, product_name, SUM(net_revenue) AS net FROM <table> WHERE order_date >= DATE '<since>' GROUP BY 1, 2 ORDER BY net DESC NULLS LAST, 1, 2 LIMIT 21`,
  },
  {
    name: 'the grand total',
    graphql:
      '(where: { orderDate: { gte: "<since>" } }) { nodes { orderLines unitsSold grossRevenue netRevenue netMargin } }',
    sql: `SELECT SUM(order_lines), SUM(units_sold), SUM(gross_revenue), SUM(net_revenue), SUM(net_margin) FROM <table> WHERE order_date >= DATE '<since>'`,
  },
]

export const groupsBenchmark: Benchmark = {
  name: 'groups',
  describes:
    'groups over 1.5 million lines through the gateway, over HTTP, against SQL by hand in the same engine; medians, no cache',
  async run(say) {
    const workspace = await Workspace.create(['postgres', 'duckdb'])
    const servers = new Servers()
    let server: EmbeddedPostgres | undefined
    try {
      const sizes = ['--sales', '500000', '--customers', '50000', '--products', '5000', '--inventory', '20000']
      await workspace.command('generate', '--out', workspace.data, ...sizes)
      say('building')
      await workspace.command('run')
      const url = `${await servers.take(workspace.start(['serve']), /(http:\/\/127\.0\.0\.1:\d+)/)}/graphql`
      server = await EmbeddedPostgres.open(join(workspace.folder, 'home'))
      const postgres = new pg.Pool({ connectionString: server.url('warehouse'), max: 1 })
      const published = await openPublished(server, workspace)
      const duckdb = published.connection
      try {
        const byHand = {
          postgres: async (sql: string) =>
            (
              await postgres.query(
                sql.replace('<table>', adapterOf('postgres').dialect.goldTable(published.postgres, MODEL)),
              )
            ).rows.length,
          duckdb: async (sql: string) =>
            (
              await duckdb.runAndReadAll(
                sql.replace('<table>', adapterOf('duckdb').dialect.goldTable(published.duckdb, MODEL)),
              )
            ).getRowsJson().length,
        }
        const figures: Figure[] = []
        for (const [warehouse, hand] of Object.entries(byHand)) {
          for (const question of questions) {
            const { ours, theirs } = await inTurns(
              (from) => ask(url, warehouse, question.graphql.replaceAll('<since>', from)),
              (from) => hand(question.sql.replaceAll('<since>', from)),
            )
            say(`${warehouse}, ${question.name}: ${ours.toFixed(0)} ms, by hand ${theirs.toFixed(0)} ms`)
            figures.push({
              name: `${warehouse}: ${question.name}`,
              value: ours / theirs,
              unit: '× by hand',
              goal: '<= 1.1',
            })
          }
        }
        return figures
      } finally {
        duckdb.closeSync()
        await postgres.end()
      }
    } finally {
      await servers.stop()
      await server?.close()
      await workspace.remove()
    }
  },
}

/** Medians in milliseconds; both take turns, and never ask the same twice. */
async function inTurns(
  ask: (from: string) => Promise<number>,
  byHand: (from: string) => Promise<number>,
): Promise<{ readonly ours: number; readonly theirs: number }> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const from = `19${String(10 + round)}-01-01`
    const turns = [
      { times: ours, work: ask },
      { times: theirs, work: byHand },
    ]
    for (const { times, work } of round % 2 === 0 ? turns : turns.reverse()) {
      const started = performance.now()
      if ((await work(from)) === 0) throw new Error('The answer has no rows')
      // The first round warms up.
      if (round > 0) times.push(performance.now() - started)
    }
  }
  return { ours: median(ours), theirs: median(theirs) }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

async function ask(url: string, warehouse: string, groups: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goldgate-warehouse': warehouse },
    body: JSON.stringify({ query: `{ factProductSalesBy${groups} }` }),
  })
  const { data, errors } = (await response.json()) as {
    data?: { factProductSalesBy: { nodes: readonly unknown[] } }
    errors?: unknown
  }
  if (!data || errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.factProductSalesBy.nodes.length
}
