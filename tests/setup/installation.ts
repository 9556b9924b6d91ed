import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import type { PipelineOptions } from '../../src/composition/pipeline.js'
import type { Config } from '../../src/config/config.js'
import { loadConfig } from '../../src/config/load-config.js'
import type { LogLevel } from '../../src/config/schema.js'
import { createTestDatabase } from './database.js'

export interface TestInstallation {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly config: Config
  /** A new App on the same state; close it. */
  open(options?: PipelineOptions): GoldgateApp
  remove(): Promise<void>
}

export interface TestInstallationOptions {
  /** Folder of each source's files. */
  readonly sources: Readonly<Record<string, string>>
  readonly mappings?: readonly string[]
  readonly leaseSeconds?: number
  readonly retainBuilds?: number
  /** Further disk stores after the first (`disk`), each in the folder of its name beside the home: whether they are required, by name. */
  readonly moreStores?: Readonly<Record<string, boolean>>
  /** Further DuckDB warehouses besides `postgres` and `duckdb`, by name. */
  readonly moreWarehouses?: readonly string[]
  /** Further stores, as goldgate.yaml has them. */
  readonly cloudStores?: readonly Readonly<Record<string, unknown>>[]
  /** Further warehouses by name, as goldgate.yaml has them. */
  readonly cloudWarehouses?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What differs of the gateway, as goldgate.yaml has it. */
  readonly gateway?: Readonly<Record<string, unknown>>
  readonly logLevel?: LogLevel
}

/** An installation of its own: databases in the PostgreSQL of the test run, a home in a new folder with a space in its name. */
export async function createInstallation(options: TestInstallationOptions): Promise<TestInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'goldgate test é '))
  const [control, warehouse] = [await createTestDatabase(), await createTestDatabase()]
  const settings = {
    version: 1,
    profile: 'test',
    mappings: options.mappings ?? [],
    profiles: {
      test: {
        control: { url: '${TEST_CONTROL_URL}' },
        stores: [
          { name: 'disk', kind: 'disk', path: '${GOLDGATE_HOME}/store' },
          ...Object.entries(options.moreStores ?? {}).map(([name, required]) => ({
            ...{ name, kind: 'disk', path: join(folder, name), required },
          })),
          ...(options.cloudStores ?? []),
        ],
        warehouses: {
          postgres: { kind: 'postgres', url: '${TEST_WAREHOUSE_URL}' },
          duckdb: { kind: 'duckdb' },
          ...Object.fromEntries((options.moreWarehouses ?? []).map((name) => [name, { kind: 'duckdb' }])),
          ...options.cloudWarehouses,
        },
        defaultWarehouse: 'postgres',
        sources: Object.fromEntries(Object.entries(options.sources).map(([name, data]) => [name, { data }])),
        gateway: { port: 0, ...options.gateway },
        log: { level: options.logLevel ?? 'info' },
        pipeline: { leaseSeconds: options.leaseSeconds ?? 30, retainBuilds: options.retainBuilds ?? 3 },
      },
    },
  }
  await mkdir(join(folder, 'home'))
  // JSON is YAML.
  await writeFile(join(folder, 'goldgate.yaml'), JSON.stringify(settings, null, 2))
  const env = {
    GOLDGATE_CONFIG: join(folder, 'goldgate.yaml'),
    GOLDGATE_HOME: join(folder, 'home'),
    TEST_CONTROL_URL: control.url,
    TEST_WAREHOUSE_URL: warehouse.url,
  }
  const config = loadConfig({ cwd: folder, env })
  return {
    folder,
    env,
    config,
    open: (pipelineOptions) => new GoldgateApp(config, pipelineOptions),
    remove: async () => {
      await control.drop()
      await warehouse.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
