import { join } from 'node:path'
import pg from 'pg'
import { createRandom } from '../pipeline/sources/demo/random.js'
import { EmbeddedPostgres } from '../src/embedded-postgres/server.js'
import type { Benchmark, Figure, Goal } from './bench.js'
import { answerTo, bestOf, CONNECTIONS, type Contender } from './fire.js'
import { Servers } from './servers/start.js'
import { warmFigures } from './warm.js'
import { Workspace } from './workspace.js'

/** The last ones count: functions are compiled by how often they are called. */
const ROUNDS = 4
const PRODUCTS = 1000
const POOL = 10
const fields = 'nodes { productId productName category unitsSold netRevenue }'

/** Cold: without caches. Warm: 200 questions, again and again. Rounds take turns, the better one of each counts. */
export const gatewayBenchmark: Benchmark = {
  name: 'gateway',
  describes: `a 30-row answer, ${CONNECTIONS} connections, ${POOL} connections to Postgres`,
  async run(say) {
    const workspace = await Workspace.create(['postgres'], { gateway: { authentication: { keys: true } } })
    const servers = new Servers()
    let postgres: EmbeddedPostgres | undefined
    try {
      for (const seed of ['1', '2']) {
        await workspace.command(
          'generate',
          '--out',
          workspace.data,
          '--products',
          String(PRODUCTS),
          '--sales',
          '2000',
          '--seed',
          seed,
        )
        await workspace.command('run')
      }
      const { output } = await workspace.command('keys', 'create', 'bench', '--role', 'unrestricted', '--json')
      const key = /"key":\s*"([^"]+)"/.exec(output)?.[1] ?? ''
      postgres = await EmbeddedPostgres.open(join(workspace.folder, 'home'))
      const database = postgres.url('warehouse')
      await addFunction(database)
      const serve = async (megabytes: number) => {
        const config = await workspace.configure(`cache-${megabytes}`, {
          gateway: { authentication: { keys: true }, cache: { megabytes } },
        })
        return `${await servers.take(workspace.start(['serve'], config), /(http:\/\/127\.0\.0\.1:\d+)/)}/graphql`
      }
      const cold = await coldFigures({ ours: await serve(0), key, database, servers, say })
      const warm = await warmFigures({
        url: await serve(64),
        key,
        control: postgres.url('goldgate'),
        servers,
        folder: workspace.folder,
        say,
      })
      return [...cold, ...warm]
    } finally {
      await servers.stop()
      await postgres?.close()
      await workspace.remove()
    }
  },
}

interface Cold {
  readonly ours: string
  readonly key: string
  readonly database: string
  readonly servers: Servers
  readonly say: (line: string) => void
}

async function coldFigures({ ours, key, database, servers, say }: Cold): Promise<readonly Figure[]> {
  const env = { DATABASE_URL: database, SCHEMA: 'bench', POOL: String(POOL) }
  const contenders = [
    contender(
      'Goldgate, caches off',
      ours,
      `query ($from: String!) { productSalesPerformance(first: 30, where: { productId: { gte: $from } }) { ${fields} } }`,
      { 'x-api-key': key },
    ),
    contender(
      'PostGraphile 4.14',
      await servers.start('postgraphile/server.mjs', env),
      `query ($from: String!) { productsFrom(first: 30, fromId: $from) { ${fields} } }`,
    ),
    contender(
      'mercurius + JIT + pg',
      await servers.start('mercurius/server.mjs', env),
      `query ($from: String!) { products(from: $from) { ${fields} } }`,
    ),
    contender(
      'Apollo Server, constant rows',
      await servers.start('apollo-constant.ts'),
      `query ($from: String!) { rows(from: $from) { ${fields} } }`,
    ),
  ]
  for (const each of contenders) {
    const text = await answerTo(each, each.next())
    const rows = text.match(/"productId"/g)?.length
    if (rows !== 30) throw new Error(`${each.name} answers ${rows} rows: ${text.slice(0, 500)}`)
  }
  const [us = 0, ...others] = await bestOf(contenders, ROUNDS, say)
  const goals: readonly (Goal | undefined)[] = ['>= 1', '>= 1', undefined]
  return [
    ...contenders.map(({ name }, i) => ({ name: `cold: ${name}`, value: [us, ...others][i] ?? 0, unit: 'answers/s' })),
    ...others.map((value, i) => ({
      ...{ name: `cold: Goldgate / ${contenders[i + 1]?.name}`, value: us / value, unit: '×' },
      ...(goals[i] && { goal: goals[i] }),
    })),
  ]
}

function contender(name: string, url: string, query: string, headers: Record<string, string> = {}): Contender {
  const random = createRandom(1, name)
  const from = () => `P${String(random.below(PRODUCTS - 40)).padStart(5, '0')}`
  return { name, url, headers, next: () => JSON.stringify({ query, variables: { from: from() } }) }
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
