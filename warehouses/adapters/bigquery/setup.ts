import { z } from 'zod'
import type { Diagnosis } from '../../contract/diagnosis.js'
import { WarehouseError } from '../../contract/errors.js'
import { failureOf, toWarehouseError } from './errors.js'
import type { Jobs } from './jobs.js'
import type { BigqueryOptions } from './options.js'
import { ensureDataset } from './prepare.js'
import { impatient } from './retry.js'

export async function setupDataset(jobs: Jobs, options: BigqueryOptions): Promise<readonly string[]> {
  const { project, dataset, location = 'US' } = options
  try {
    return (await ensureDataset(jobs, options)) ? [`Created the dataset ${project}.${dataset} in ${location}.`] : []
  } catch (error) {
    if (!(error instanceof WarehouseError) || error.code === 'WAREHOUSE_UNAVAILABLE' || !isDenied(error.cause))
      throw error
    const message = `The dataset ${project}.${dataset} is missing and may not be created (${error.message}). Grant roles/bigquery.user on project ${project}, or create it: bq --location=${location} mk --dataset ${project}:${dataset}`
    throw new WarehouseError('WAREHOUSE_ERROR', jobs.warehouse, message, { cause: error })
  }
}

/** What a writer needs of every table, and the role that grants it. */
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
  try {
    const there = await datasetLocation(jobs, dataset)
    problems.push(...(await jobProblems(jobs, options)))
    if (there === undefined) return { found: `${where}, not made yet`, problems }
    if (options.location !== undefined && there !== '' && there.toUpperCase() !== options.location.toUpperCase())
      problems.push(
        `${where} lies in ${there} and not in ${options.location}: write location: ${there}, a dataset cannot be moved.`,
      )
    const tables = await tableProblems(jobs, options)
    problems.push(...tables.problems)
    return { found: `${where} in ${there === '' ? 'its default location' : there}, ${tables.count} tables`, problems }
  } catch (error) {
    return { found: `no use of ${where}`, problems: [...problems, toWarehouseError(jobs.warehouse, error).message] }
  }
}

/** Undefined where there is no dataset. */
async function datasetLocation(jobs: Jobs, dataset: string): Promise<string | undefined> {
  return jobs.request(async (client) => {
    try {
      const [metadata] = await client.dataset(dataset).getMetadata()
      return datasetFacts.parse(metadata).location ?? ''
    } catch (error) {
      if (failureOf(error).status === 404) return undefined
      throw error
    }
  }, impatient)
}

async function jobProblems(jobs: Jobs, { project }: BigqueryOptions): Promise<string[]> {
  try {
    await jobs.estimate('SELECT 1 AS one', [])
    return []
  } catch (error) {
    if (!(error instanceof WarehouseError) || !isDenied(error.cause)) throw error
    return [
      `No permission bigquery.jobs.create on project ${project}: gcloud projects add-iam-policy-binding ${project} --member=… --role=roles/bigquery.jobUser`,
    ]
  }
}

async function tableProblems(jobs: Jobs, { project, dataset }: BigqueryOptions) {
  const grant = `bq add-iam-policy-binding --member=… --role=roles/bigquery.dataEditor ${project}:${dataset}`
  try {
    const tables = await jobs.request(async (client) => (await client.dataset(dataset).getTables())[0], impatient)
    const fence = tables.find(({ id }) => id === 'fence')
    if (fence === undefined) return { count: tables.length, problems: [] }
    // An endpoint that cannot say (an emulator) says nothing against it.
    const granted = await fence.testIamPermissions(tablePermissions).then(
      ([answer]) => new Set(z.object({ permissions: z.array(z.string()).default([]) }).parse(answer).permissions),
      (error: unknown) => (isDenied(error) ? new Set<string>() : undefined),
    )
    const missing = granted === undefined ? [] : tablePermissions.filter((each) => !granted.has(each))
    const problems = missing.length === 0 ? [] : [`No permission ${missing.join(', ')} on dataset ${dataset}: ${grant}`]
    return { count: tables.length, problems }
  } catch (error) {
    if (!(error instanceof WarehouseError) || !isDenied(error.cause)) throw error
    return { count: 0, problems: [`No permission bigquery.tables.list on dataset ${dataset}: ${grant}`] }
  }
}

function isDenied(error: unknown): boolean {
  const { status, reason } = failureOf(error)
  return reason === 'accessDenied' || (status === 403 && reason !== 'rateLimitExceeded' && reason !== 'quotaExceeded')
}
