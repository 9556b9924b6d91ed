import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { adapterOf } from '../../warehouses/adapters/registry.js'
import type { AdapterUnderTest } from '../../warehouses/conformance/subject.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'

/** The real service, as the environment names it. Credentials are those of the SDK's own chain. */
export interface RealBigquery {
  readonly project: string
  readonly location: string
  /** `gs://bucket/prefix` for load jobs; without it batches are uploaded. */
  readonly staging?: string
  /** A private endpoint, or an emulator on which the suite itself is tried. */
  readonly apiEndpoint?: string
  readonly anonymous?: true
}

/** Undefined where no real BigQuery is named. */
export function realBigquery(env: NodeJS.ProcessEnv = process.env): RealBigquery | undefined {
  const { GOLDGATE_BIGQUERY_PROJECT: project, GOLDGATE_BIGQUERY_LOCATION: location = 'EU' } = env
  if (project === undefined || project === '') return undefined
  const { GOLDGATE_BIGQUERY_STAGING: staging, GOLDGATE_BIGQUERY_ENDPOINT: apiEndpoint } = env
  return {
    project,
    location,
    ...(staging && { staging }),
    ...(apiEndpoint && { apiEndpoint, anonymous: true }),
  }
}

const prefix = 'goldgate_test_'
const dayMs = 86_400_000

/** Datasets that only this suite makes and that it takes away again: their names hold the time, so that what a killed run left is known. */
export class TestDatasets {
  readonly #made: string[] = []

  constructor(
    private readonly real: RealBigquery,
    private readonly client: BigQuery,
  ) {}

  static async open(real: RealBigquery): Promise<TestDatasets> {
    const { project: projectId, location, apiEndpoint } = real
    if (apiEndpoint === undefined) return new TestDatasets(real, new BigQuery({ projectId, location }))
    const { PassThroughClient } = await import('google-auth-library')
    return new TestDatasets(
      real,
      new BigQuery({ projectId, location, apiEndpoint, authClient: new PassThroughClient() }),
    )
  }

  /** A new empty dataset, whose tables BigQuery itself drops after a day. */
  async create(now = Date.now()): Promise<string> {
    const name = `${prefix}${now}_${randomBytes(4).toString('hex')}`
    const { location } = this.real
    await this.client.createDataset(name, { location, defaultTableExpirationMs: String(dayMs) })
    this.#made.push(name)
    return name
  }

  async remove(name: string): Promise<void> {
    await this.client.dataset(name).delete({ force: true })
    this.#made.splice(this.#made.indexOf(name), 1)
  }

  /** All of this run, and those of runs that ended a day ago or longer without taking theirs away. */
  async removeLeftovers(now = Date.now()): Promise<void> {
    const [datasets] = await this.client.getDatasets()
    for (const { id = '' } of datasets) {
      const made = Number(new RegExp(`^${prefix}(\\d{13})_`).exec(id)?.[1])
      if (this.#made.includes(id) || made < now - dayMs) await this.client.dataset(id).delete({ force: true })
    }
    this.#made.length = 0
  }
}

/** For the conformance suite: a dataset of its own for each case. No case is skipped for what a server cannot do. */
export const realUnderTest = (real: RealBigquery, opened: () => TestDatasets): AdapterUnderTest => {
  const adapter = adapterOf('bigquery')
  return {
    name: 'bigquery, the real service',
    capabilities: adapter.capabilities,
    async create() {
      const directory = await mkdtemp(join(tmpdir(), 'goldgate bigquery '))
      const datasets = opened()
      const dataset = await datasets.create()
      const clients: Warehouse[] = []
      const open = async (changed: Partial<RealBigquery>) => {
        const options = adapter.parseOptions({ ...real, dataset, ...changed })
        const embeddedPostgres = () => Promise.reject(new Error('BigQuery needs none.'))
        const warehouse = await adapter.open('main', options, { directory, embeddedPostgres })
        clients.push(warehouse)
        return warehouse
      }
      return {
        directory,
        open: () => open({}),
        openUnavailable: () => open({ apiEndpoint: 'http://127.0.0.1:1', anonymous: true }),
        async close() {
          for (const warehouse of clients) await warehouse.close()
          await datasets.remove(dataset)
          await rm(directory, { recursive: true, force: true })
        },
      }
    },
  }
}
