import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { z } from 'zod'
import { entities } from '../models/entities/index.js'
import { goldModels } from '../models/gold/index.js'
import type { Entity, LogicalType } from '../models/types.js'
import { checksOf } from '../pipeline/quality/check-build.js'
import { loadConfig } from '../src/config/load-config.js'
import { EmbeddedPostgres } from '../src/embedded-postgres/server.js'
import { goldHash, readGold, readModel } from '../tests/setup/read-gold.js'
import { adapterOf } from '../warehouses/adapters/registry.js'
import type { Dialect } from '../warehouses/contract/dialect.js'
import { goldPlan } from '../warehouses/template/gold-plan.js'
import { type Benchmark, timed } from './bench.js'
import { Workspace } from './workspace.js'

const SIZES = ['--sales', '200000', '--customers', '20000', '--products', '5000', '--inventory', '20000']
const BUILD = { buildId: 'by_hand', tag: 'by_hand' }

/**
 * What one would write for this one source and no other: typed reads of the files by DuckDB, a CSV for COPY, the same Gold SELECTs
 * and the same checks. No quarantine, no lineage, no ledger, no fence, no steps, nothing to resume.
 */
export const byHandBenchmark: Benchmark = {
  name: 'by-hand',
  describes:
    'the pipeline after landing against a script that does the same work by bulk paths (200,000 sales, 600,000 items)',
  async run(say) {
    const workspace = await Workspace.create(['postgres', 'duckdb'])
    const server = await EmbeddedPostgres.open(join(workspace.folder, 'home'))
    try {
      await workspace.command('generate', '--out', workspace.data, ...SIZES)
      const ours = await workspace.command('run')
      const landed = await secondsOfLanding(workspace)
      say(`goldgate run ${ours.seconds.toFixed(2)} s, of which landing ${landed.toFixed(2)} s`)
      const gold = await readGold(loadConfig({ cwd: workspace.folder, env: workspace.env }))

      const url = await server.database('by_hand')
      const byHand = await timed(() => buildByHand(workspace, url))
      const hashes = {
        ours: goldHash(gold.get('postgres')),
        duckdb: goldHash(gold.get('duckdb')),
        byHand: await hashOf(url),
      }
      say(`by hand ${byHand.seconds.toFixed(2)} s; hash of Gold ${hashes.byHand.slice(0, 12)}`)
      if (new Set(Object.values(hashes)).size !== 1)
        throw new Error(`The hashes of Gold differ: ${JSON.stringify(hashes)}`)
      return [
        { name: 'goldgate run without landing', value: ours.seconds - landed, unit: 's' },
        { name: 'by hand', value: byHand.seconds, unit: 's' },
        { name: 'ratio', value: (ours.seconds - landed) / byHand.seconds, unit: '×', goal: '<= 1.5' },
      ]
    } finally {
      await server.close()
      await workspace.remove()
    }
  },
}

const statusOutput = z.object({
  steps: z.array(z.object({ step: z.string(), startedAt: z.string(), endedAt: z.string() })),
})

async function secondsOfLanding(workspace: Workspace): Promise<number> {
  const { steps } = statusOutput.parse(JSON.parse((await workspace.command('status', '--json')).output))
  const land = steps.find(({ step }) => step === 'land')
  if (!land) throw new Error('The newest run has no step land')
  return (Date.parse(land.endedAt) - Date.parse(land.startedAt)) / 1000
}

/** Fills both engines side by side. */
async function buildByHand(workspace: Workspace, url: string): Promise<void> {
  const folder = join(workspace.folder, 'by-hand')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const instance = await DuckDBInstance.create(join(folder, 'warehouse.duckdb'))
  const duckdb = await instance.connect()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await duckdb.run("SET TimeZone = 'UTC'; CREATE SCHEMA silver")
    await client.query("SET TimeZone = 'UTC'")
    await client.query('CREATE SCHEMA silver; CREATE SCHEMA gold_builds')
    for (const entity of entities) await loadEntity(workspace.data, folder, entity, duckdb, client)
    await describeSource(duckdb, (sql) => client.query(sql))
    await Promise.all([
      buildGold('postgres', (sql) => client.query(sql)).then(() => check('postgres', (sql) => client.query(sql))),
      buildGoldInDuckDb(duckdb, folder).then(() => check('duckdb', (sql) => duckdb.run(sql))),
    ])
  } finally {
    await client.end()
    duckdb.closeSync()
    instance.closeSync()
  }
}

async function loadEntity(
  data: string,
  folder: string,
  entity: Entity,
  duckdb: DuckDBConnection,
  client: pg.Client,
): Promise<void> {
  const { dialect } = adapterOf('duckdb')
  const read = entity.columns.filter((column) => column.computed === undefined)
  const types = read.map((column) => `${dialect.quote(column.name)}: '${readType(column.type)}'`).join(', ')
  const typed = read.map((column) => `${dialect.cast(column.name, column.type)} AS ${dialect.quote(column.name)}`)
  const columns = entity.columns.map((column) =>
    column.computed === undefined
      ? dialect.quote(column.name)
      : `${dialect.cast(column.computed, column.type)} AS ${dialect.quote(column.name)}`,
  )
  const file = join(data, `${entity.name}.ndjson`)
  await duckdb.run(
    `CREATE TABLE silver.${entity.name} AS SELECT 'demo' AS source, ${columns.join(', ')} FROM (SELECT ${typed.join(', ')}
     FROM read_json('${file}', format = 'newline_delimited', columns = {${types}}))`,
  )
  const csv = join(folder, `${entity.name}.csv`)
  await duckdb.run(`COPY silver.${entity.name} TO '${csv}' (FORMAT csv, HEADER false)`)
  const postgres = adapterOf('postgres').dialect
  const ddl = entity.columns.map((column) => `${postgres.quote(column.name)} ${postgres.ddlType(column.type)}`)
  await client.query('BEGIN')
  await client.query(`CREATE TABLE silver.${entity.name} (source text COLLATE "C", ${ddl.join(', ')})`)
  await pipeline(createReadStream(csv), client.query(copyFrom(`COPY silver.${entity.name} FROM STDIN (FORMAT csv)`)))
  await client.query('COMMIT')
  await client.query(`ANALYZE silver.${entity.name}`)
}

/** Numbers are read as text first, as they stand in the file. */
function readType(type: LogicalType): string {
  return type.kind === 'boolean' ? 'BOOLEAN' : type.kind === 'integer' ? 'BIGINT' : 'VARCHAR'
}

async function describeSource(duckdb: DuckDBConnection, postgres: (sql: string) => Promise<unknown>): Promise<void> {
  const names = entities.map((entity) => `('demo', '${entity.name}')`).join(', ')
  for (const run of [(sql: string) => duckdb.run(sql), postgres]) {
    await run('CREATE TABLE silver.source_entities (source text, entity text)')
    await run(`INSERT INTO silver.source_entities VALUES ${names}`)
    await run(`CREATE TABLE silver.sources AS SELECT 'demo' AS source, GREATEST(
      (SELECT MAX(order_date) FROM silver.sales), (SELECT MAX(return_date) FROM silver.returns)) AS as_of`)
  }
}

async function buildGold(kind: 'postgres' | 'duckdb', run: (sql: string) => Promise<unknown>): Promise<void> {
  const { dialect } = adapterOf(kind)
  for (const { model, select } of plan(dialect))
    await run(`CREATE TABLE ${dialect.goldTable(BUILD, model.name)} AS ${select}`)
}

async function buildGoldInDuckDb(duckdb: DuckDBConnection, folder: string): Promise<void> {
  await duckdb.run(`ATTACH '${join(folder, 'gold.duckdb')}' AS ${BUILD.tag}; CREATE SCHEMA ${BUILD.tag}.gold`)
  await buildGold('duckdb', (sql) => duckdb.run(sql))
  await duckdb.run(`CHECKPOINT ${BUILD.tag}`)
}

/** The same conditions as before a publish, each by a statement of its own. */
async function check(kind: 'postgres' | 'duckdb', run: (sql: string) => Promise<unknown>): Promise<void> {
  const { dialect } = adapterOf(kind)
  for (const { sql } of checksOf({ entities, models: goldModels, dialect, build: BUILD })) {
    await run(`SELECT COUNT(*) FROM (${sql}) AS violations`)
  }
}

function plan(dialect: Dialect) {
  return goldPlan({ models: goldModels, entities: entities.map((entity) => entity.name), dialect, build: BUILD })
}

/** Read like the gateway reads, so that both hashes are over the same canonical values. */
async function hashOf(url: string): Promise<string> {
  const adapter = adapterOf('postgres')
  const environment = { directory: '', embeddedPostgres: () => Promise.reject(new Error('not embedded')) }
  const warehouse = await adapter.open('by-hand', adapter.parseOptions({ url }), environment)
  try {
    const rows: Record<string, Awaited<ReturnType<typeof readModel>>> = {}
    for (const model of goldModels) rows[model.name] = await readModel(warehouse, BUILD, model)
    return goldHash({ buildId: BUILD.buildId, rows })
  } finally {
    await warehouse.close()
  }
}
