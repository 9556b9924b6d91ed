import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { GoldgateApp } from '../../src/composition/goldgate-app.js'
import type { PipelineOptions } from '../../src/composition/pipeline.js'
import type { TestInstallation } from '../setup/installation.js'

/** An installation with a small demo and several stores. Every command has an app of its own, closed at its end. */
export class DemoStores {
  constructor(
    readonly installation: TestInstallation,
    readonly data: string,
  ) {}

  async with<T>(work: (app: GoldgateApp) => Promise<T>, options?: PipelineOptions): Promise<T> {
    const app = this.installation.open(options)
    try {
      return await work(app)
    } finally {
      await app.close()
    }
  }

  run(request: Parameters<GoldgateApp['run']>[0] = {}, options?: PipelineOptions) {
    return this.with((app) => app.run(request, () => {}), options)
  }

  verify(request: Parameters<GoldgateApp['verifyStores']>[0] = {}) {
    return this.with((app) => app.verifyStores(request, () => {}))
  }

  status() {
    return this.with((app) => app.status())
  }

  /** Nothing is left in any warehouse. */
  async emptyWarehouses(): Promise<void> {
    await rm(join(this.installation.folder, 'home', 'warehouses'), { recursive: true, force: true })
    const client = new pg.Client({ connectionString: this.installation.env.TEST_WAREHOUSE_URL })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      `SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`,
    )
    for (const { name } of rows) await client.query(`DROP SCHEMA ${name} CASCADE`)
    await client.query('CREATE SCHEMA IF NOT EXISTS public')
    await client.end()
  }
}
