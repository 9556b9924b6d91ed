import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import pg from 'pg'
import { createRandom } from '../pipeline/sources/demo/random.js'
import { EmbeddedPostgres } from '../src/embedded-postgres/server.js'
import type { Benchmark } from './bench.js'
import { lineOf, Workspace } from './workspace.js'

const CONNECTIONS = 16
const SECONDS = 8
const ROUNDS = 2
const PRODUCTS = 1000

interface Contender {
  readonly name: string
  readonly url: string
  readonly query: string
  /** Path to the rows in the answer. */
  readonly rows: (data: never) => readonly unknown[]
}

/** The answers of all contenders are checked to have 30 rows before they are timed; rounds take turns, the better one of each counts. */
export const gatewayBenchmark: Benchmark = {
  name: 'gateway',
  describes: `a 30-row answer, ${CONNECTIONS} connections, no cache, random variables`,
  async run(say) {
    const workspace = await Workspace.create(['postgres'])
    const children: ChildProcess[] = []
    let server: EmbeddedPostgres | undefined
    try {
      await workspace.command('generate', '--out', workspace.data, '--products', String(PRODUCTS))
      await workspace.command('run')
      const goldgate = workspace.start(['serve'])
      children.push(goldgate)
      const ours = await lineOf(goldgate, /(http:\/\/127\.0\.0\.1:\d+)/)
      server = await EmbeddedPostgres.open(join(workspace.folder, 'home'))
      const database = server.url('warehouse')
      await addFunction(database)
      const start = async (file: string, env: Record<string, string> = {}) => {
        const script = fileURLToPath(new URL(`./servers/${file}`, import.meta.url))
        const child = spawn(process.execPath, file.endsWith('.ts') ? ['--import', 'tsx', script] : [script], {
          env: { ...process.env, ...env, NODE_ENV: 'production' },
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        children.push(child)
        return `http://127.0.0.1:${await lineOf(child, /LISTENING (\d+)/)}/graphql`
      }
      await installPostgraphile()
      const contenders: Contender[] = [
        {
          name: 'Goldgate, Postgres',
          url: `${ours}/graphql`,
          query:
            'query ($from: String!) { productSalesPerformance(first: 30, where: { productId: { gte: $from } }) { nodes { productId productName category unitsSold netRevenue } } }',
          rows: (data: { productSalesPerformance: { nodes: unknown[] } }) => data.productSalesPerformance.nodes,
        },
        {
          name: 'PostGraphile 4.14, Postgres',
          url: await start('postgraphile/server.mjs', { DATABASE_URL: database, SCHEMA: 'bench' }),
          query:
            'query ($from: String!) { productsFrom(first: 30, "from": $from) { nodes { productId productName category unitsSold netRevenue } } }'.replace(
              '"from"',
              'fromId',
            ),
          rows: (data: { productsFrom: { nodes: unknown[] } }) => data.productsFrom.nodes,
        },
        {
          name: 'Apollo Server, constant rows',
          url: await start('apollo-constant.ts'),
          query:
            'query ($from: String!) { rows(from: $from) { nodes { productId productName category unitsSold netRevenue } } }',
          rows: (data: { rows: { nodes: unknown[] } }) => data.rows.nodes,
        },
      ]
      for (const contender of contenders) await verify(contender)
      const best = new Map<string, number>()
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const contender of contenders) {
          const perSecond = await fire(contender)
          say(`${contender.name}: ${Math.round(perSecond)} answers/s`)
          best.set(contender.name, Math.max(best.get(contender.name) ?? 0, perSecond))
        }
      }
      const [us = 0, postgraphile = 0, constant = 0] = contenders.map(({ name }) => best.get(name) ?? 0)
      return [
        ...contenders.map(({ name }) => ({ name, value: best.get(name) ?? 0, unit: 'answers/s' })),
        { name: 'Goldgate / PostGraphile', value: us / postgraphile, unit: '×' },
        { name: 'Goldgate / Apollo with constant rows', value: us / constant, unit: '×' },
      ]
    } finally {
      for (const child of children) child.kill('SIGTERM')
      await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
      await server?.close()
      await workspace.remove()
    }
  },
}

async function installPostgraphile(): Promise<void> {
  const cwd = fileURLToPath(new URL('./servers/postgraphile/', import.meta.url))
  if (existsSync(join(cwd, 'node_modules'))) return
  await promisify(execFile)('npm', ['install', '--no-package-lock', '--ignore-scripts'], { cwd })
}

/** PostGraphile has no `>=` of its own: a function with the same index behind it. */
async function addFunction(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const found = await client.query<{ tablename: string }>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'gold_builds' AND tablename LIKE 'product_sales_performance%'`,
  )
  const table = `gold_builds.${client.escapeIdentifier(found.rows[0]?.tablename ?? '')}`
  await client.query(`
    CREATE SCHEMA bench;
    CREATE VIEW bench.products AS SELECT * FROM ${table};
    CREATE FUNCTION bench.products_from(from_id text) RETURNS SETOF bench.products LANGUAGE sql STABLE AS $$
      SELECT * FROM bench.products WHERE product_id >= from_id COLLATE "C" ORDER BY product_id, source $$`)
  await client.end()
}

const bodyOf = ({ query }: Contender, from: string) => JSON.stringify({ query, variables: { from } })
const productId = (n: number) => `P${String(n).padStart(5, '0')}`

async function verify(contender: Contender): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(contender.url, { method: 'POST', headers, body: bodyOf(contender, productId(100)) })
  const text = await response.text()
  const { data, errors } = JSON.parse(text) as { data?: never; errors?: unknown }
  const rows = data === undefined || errors !== undefined ? 0 : contender.rows(data).length
  if (rows !== 30) throw new Error(`${contender.name} answers ${rows} rows: ${text.slice(0, 500)}`)
}

async function fire(contender: Contender): Promise<number> {
  const random = createRandom(1, contender.name)
  const result = await autocannon({
    url: contender.url,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: [
      { setupRequest: (request) => ({ ...request, body: bodyOf(contender, productId(random.below(PRODUCTS - 40))) }) },
    ],
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${contender.name}: ${result.non2xx} answers were no success, ${result.errors} errors`)
  return result.requests.average
}
