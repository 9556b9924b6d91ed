import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { factProductSales as model } from '../models/gold/fact-product-sales.js'
import { fieldOf, rowsFieldOf } from '../resolvers/naming/fields.js'
import { readOrder } from '../resolvers/rows/order.js'
import { EmbeddedPostgres } from '../src/embedded-postgres/server.js'
import { adapterOf } from '../warehouses/adapters/registry.js'
import { compileRows } from '../warehouses/compiler/rows.js'
import type { BuildRef } from '../warehouses/contract/builds.js'
import { type Benchmark, type Figure, timed } from './bench.js'
import { openPublished } from './published.js'
import { Servers } from './servers/start.js'
import { memoryOf, Workspace } from './workspace.js'

const ROWS = Number(process.env.GOLDGATE_BENCH_ROWS ?? 1_000_000)
const ROUNDS = 2
const formats = ['csv', 'ndjson', 'arrow'] as const

/** One way to have the rows written: how many bytes. */
type Write = () => Promise<number>

interface Measured {
  readonly mbPerSecond: number
  readonly seconds: number
}

export const exportsBenchmark: Benchmark = {
  name: 'exports',
  describes: `${ROWS.toLocaleString('en')} rows of fact_product_sales over HTTP, all columns, beside what each engine writes of the same SELECT; the better of ${ROUNDS} rounds`,
  async run(say) {
    const workspace = await Workspace.create(['postgres', 'duckdb'])
    const servers = new Servers()
    let server: EmbeddedPostgres | undefined
    try {
      const sizes = ['--sales', String(Math.ceil(ROWS / 2.9)), '--customers', '50000', '--products', '5000']
      await workspace.command('generate', '--out', workspace.data, ...sizes)
      say('building')
      await workspace.command('run')
      const gateway = workspace.start(['serve'])
      server = await EmbeddedPostgres.open(join(workspace.folder, 'home'))
      const engines = await openEngines(server, workspace)
      try {
        const url = await servers.take(gateway, /(http:\/\/127\.0\.0\.1:\d+)/)
        const pid = gateway.pid ?? 0
        const figures: Figure[] = []
        for (const warehouse of ['postgres', 'duckdb'] as const) {
          for (const format of formats) {
            await exported(url, warehouse, format, 1_000)
            const idle = await memoryOf(pid, 'VmRSS')
            await writeFile(`/proc/${pid}/clear_refs`, '5')
            const cpu = await cpuSeconds(pid)
            const ours = await best(() => exported(url, warehouse, format, ROWS))
            const spent = ((await cpuSeconds(pid)) - cpu) / ROUNDS
            const over = (await memoryOf(pid, 'VmHWM')) - idle
            const theirs = await best(engines[warehouse][format])
            say(
              `${warehouse}, ${format}: ${ours.seconds.toFixed(2)} s (${spent.toFixed(2)} s of the gateway's processor), ${ours.mbPerSecond.toFixed(0)} MB/s; the engine ${theirs.seconds.toFixed(2)} s, ${theirs.mbPerSecond.toFixed(0)} MB/s`,
            )
            const name = `${warehouse}, ${format}`
            figures.push(
              { name: `${name}: rows`, value: ROWS / ours.seconds, unit: 'per second' },
              {
                name: `${name}: MB/s`,
                value: ours.mbPerSecond / theirs.mbPerSecond,
                unit: '× the engine',
                goal: '>= 0.6',
              },
              { name: `${name}: peak memory over idle`, value: over, unit: 'MB', goal: '<= 200' },
            )
          }
        }
        return figures
      } finally {
        await engines.close()
      }
    } finally {
      await servers.stop()
      await server?.close()
      await workspace.remove()
    }
  },
}

async function best(write: Write): Promise<Measured> {
  const rounds: Measured[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const { seconds, result } = await timed(write)
    rounds.push({ seconds, mbPerSecond: result / 1e6 / seconds })
  }
  return rounds.reduce((one, other) => (one.seconds < other.seconds ? one : other))
}

async function exported(url: string, warehouse: string, format: (typeof formats)[number], limit: number) {
  const query = `{ ${rowsFieldOf(model)} { nodes { ${model.columns.map(({ name }) => fieldOf(name)).join(' ')} } } }`
  const answer = await post(`${url}/export`, JSON.stringify({ query, format, limit, warehouse }))
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length
  if (answer.statusCode !== 200 || !answer.complete) throw new Error(`${warehouse}, ${format}: the export broke off`)
  return bytes
}

async function post(url: string, body: string): Promise<IncomingMessage> {
  const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } })
  asked.end(body)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return answer
}

type Engines = Readonly<Record<'postgres' | 'duckdb', Readonly<Record<(typeof formats)[number], Write>>>>

/** What each engine writes itself; the nearest to Arrow are PostgreSQL's binary COPY and Parquet. */
async function openEngines(
  server: EmbeddedPostgres,
  workspace: Workspace,
): Promise<Engines & { close(): Promise<void> }> {
  const published = await openPublished(server, workspace)
  const { connection } = published
  const client = new pg.Client({ connectionString: server.url('warehouse') })
  await client.connect()
  await client.query("SET TimeZone = 'UTC'")
  const postgres = selectOf('postgres', published.postgres)
  const duckdb = selectOf('duckdb', published.duckdb)
  const target = join(workspace.folder, 'export')
  return {
    postgres: {
      csv: () => copied(client, `COPY (${postgres}) TO STDOUT (FORMAT csv, HEADER)`),
      ndjson: () => copied(client, `COPY (SELECT row_to_json(each) FROM (${postgres}) AS each) TO STDOUT`),
      arrow: () => copied(client, `COPY (${postgres}) TO STDOUT (FORMAT binary)`),
    },
    duckdb: {
      csv: () => writtenTo(connection, target, `COPY (${duckdb}) TO '${target}' (FORMAT csv, HEADER)`),
      ndjson: () => writtenTo(connection, target, `COPY (${duckdb}) TO '${target}' (FORMAT json)`),
      arrow: () => writtenTo(connection, target, `COPY (${duckdb}) TO '${target}' (FORMAT parquet)`),
    },
    async close() {
      connection.closeSync()
      await client.end()
    },
  }
}

/** The SELECT that the gateway sends for the same table. */
function selectOf(kind: string, build: BuildRef): string {
  const columns = model.columns.map(({ name }) => name)
  return compileRows(
    { model, build, columns, order: readOrder(model, undefined), limit: ROWS },
    adapterOf(kind).dialect,
  ).sql
}

async function copied(client: pg.Client, sql: string): Promise<number> {
  let bytes = 0
  for await (const chunk of client.query(copyTo(sql)) as AsyncIterable<Buffer>) bytes += chunk.length
  return bytes
}

async function writtenTo(connection: DuckDBConnection, file: string, sql: string): Promise<number> {
  await connection.run(sql)
  return (await stat(file)).size
}

/** Of all threads of the process, in user mode and in the kernel. A tick is a hundredth of a second on every Linux that Node runs on. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
