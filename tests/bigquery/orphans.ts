import pg from 'pg'
import { bigqueryAdapter } from '../../warehouses/adapters/bigquery/adapter.js'
import { openClient } from '../../warehouses/adapters/bigquery/client.js'
import type { TestInstallation } from '../setup/installation.js'

/** Tables of the installation's BigQuery that belong to no build the control database names, and batches that wait for no merge. */
export async function findBigqueryOrphans({ config, env }: TestInstallation): Promise<string[]> {
  const { name, options } = config.warehouses.find(({ kind }) => kind === bigqueryAdapter.kind) ?? {}
  const { dataset, ...place } = bigqueryAdapter.parseOptions(options)
  const [tables] = await (await openClient({ ...place, dataset })).dataset(dataset).getTables()
  const control = new pg.Client({ connectionString: env.TEST_CONTROL_URL })
  await control.connect()
  try {
    const { rows } = await control.query<{ tag: string }>(
      `SELECT tag FROM goldgate_control.builds WHERE status <> 'dropped' AND warehouse = $1`,
      [name],
    )
    const isKnown = (table: string) => !table.startsWith('gold_') || rows.some(({ tag }) => table.endsWith(`__${tag}`))
    return tables.flatMap(({ id = '' }) => (id.startsWith('landing_') || !isKnown(id) ? [id] : []))
  } finally {
    await control.end()
  }
}
