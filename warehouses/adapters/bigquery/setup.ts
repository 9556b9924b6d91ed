import type { Table } from '@google-cloud/bigquery'
import { z } from 'zod'
import type { Diagnosis } from '../../contract/diagnosis.js'
import { WarehouseError } from '../../contract/errors.js'
import { failureOf, isDenied, toWarehouseError } from './errors.js'
import type { Jobs } from './jobs.js'
import type { BigqueryOptions } from './options.js'
import { missingPermissions, permissionIn } from './permissions.js'
import { ensureDataset } from './prepare.js'
import { impatient } from './retry.js'

export async function setupDataset(jobs: Jobs, options: BigqueryOptions): Promise<readonly string[]> {
  const { project, dataset, location = 'US' } = options
  try {
    return (await ensureDataset(jobs, options)) ? [`Created the dataset ${project}.${dataset} in ${location}.`] : []
  } catch (error) {
    if (deniedPermission(error, '') !== 'bigquery.datasets.create') throw error
    const message = `The dataset ${project}.${dataset} is missing and may not be created. ${missingPermissions(['bigquery.datasets.create'], options)} Or have it created: bq --location=${location} mk --dataset ${project}:${dataset}`
    throw new WarehouseError('WAREHOUSE_ERROR', jobs.warehouse, message, { cause: error })
  }
}

/** What a writer needs of every table. */
const tablePermissions = [
  'bigquery.tables.get',
  'bigquery.tables.getData',
  'bigquery.tables.update',
  'bigquery.tables.updateData',
  'bigquery.tables.delete',
]

const datasetFacts = z.object({ location: z.string().optional() })

/** Never throws: what keeps it from looking is a problem like any other. */
export async function diagnoseDataset(jobs: Jobs, options: BigqueryOptions): Promise<Diagnosis> {
  const { project, dataset } = options
  const where = `BigQuery dataset ${project}.${dataset}`
  const problems: string[] = []
  /** What may not be looked at is one more problem, and undefined. */
  const look = async <T>(permission: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      const denied = deniedPermission(error, permission)
      if (denied === undefined) throw error
      problems.push(missingPermissions([denied], options))
      return undefined
    }
  }
  try {
    const there = await look('bigquery.datasets.get', () => datasetLocation(jobs, dataset))
    await look('bigquery.jobs.create', () => jobs.estimate('SELECT 1 AS one', []))
    if (there === undefined) return { found: `no look at ${where}`, problems }
    if (there === 'nowhere') return { found: `${where}, not made yet`, problems }
    if (options.location !== undefined && there !== '' && there.toUpperCase() !== options.location.toUpperCase())
      problems.push(
        `${where} lies in ${there} and not in ${options.location}: write location: ${there}, a dataset cannot be moved.`,
      )
    const tables = await look('bigquery.tables.list', () => listTables(jobs, dataset))
    const missing = await missingOfTables(tables ?? [])
    if (missing.length > 0) problems.push(missingPermissions(missing, options))
    const count = tables === undefined ? 'its tables unseen' : `${tables.length} tables`
    return { found: `${where} in ${there === '' ? 'its default location' : there}, ${count}`, problems }
  } catch (error) {
    return { found: `no use of ${where}`, problems: [...problems, toWarehouseError(jobs.warehouse, error).message] }
  }
}

/** `nowhere` where there is no dataset. */
async function datasetLocation(jobs: Jobs, dataset: string): Promise<string> {
  return jobs.request(async (client) => {
    try {
      const [metadata] = await client.dataset(dataset).getMetadata()
      return datasetFacts.parse(metadata).location ?? ''
    } catch (error) {
      if (failureOf(error).status === 404) return 'nowhere'
      throw error
    }
  }, impatient)
}

const listTables = (jobs: Jobs, dataset: string): Promise<Table[]> =>
  jobs.request(async (client) => (await client.dataset(dataset).getTables())[0], impatient)

/** Asked of a table that is there from the first run on: a dataset itself cannot be asked. */
async function missingOfTables(tables: readonly Table[]): Promise<string[]> {
  const fence = tables.find(({ id }) => id === 'fence')
  if (fence === undefined) return []
  // An endpoint that cannot say (an emulator) says nothing against it.
  const granted = await fence.testIamPermissions(tablePermissions).then(
    ([answer]) => new Set(z.object({ permissions: z.array(z.string()).default([]) }).parse(answer).permissions),
    (error: unknown) => (isDenied(failureOf(error)) ? new Set<string>() : undefined),
  )
  return granted === undefined ? [] : tablePermissions.filter((each) => !granted.has(each))
}

/** The permission whose lack an error is about, `asked` where it does not say; undefined for any other error. */
function deniedPermission(error: unknown, asked: string): string | undefined {
  if (!(error instanceof WarehouseError)) return undefined
  const failure = failureOf(error.cause)
  return isDenied(failure) ? (permissionIn(failure.message) ?? asked) : undefined
}
