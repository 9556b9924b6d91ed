import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '@google-cloud/bigquery'
import { z } from 'zod'
import type { Batch } from '../../contract/batch.js'
import { WarehouseError } from '../../contract/errors.js'
import { landingName } from '../../toolkit/silver-table.js'
import { failureOf, isPassing, toWarehouseError } from './errors.js'
import type { Jobs } from './jobs.js'
import type { BigqueryOptions } from './options.js'
import { patient, pause, untilItPasses } from './retry.js'
import { landingShape, type TableShape } from './schema.js'
import { stage } from './staging.js'
import type { Tables } from './tables.js'

/**
 * Carries the token of the runner that fills it, so that no runner ever drops or refills another one's; ends with it, so that who cleans
 * up can tell.
 */
export const landingTable = (batch: Batch, token: bigint): string => `landing_${landingName(batch)}_${token}`

/** The batch's rows in a landing table of its own, all of them or none. */
export async function fillLanding(
  jobs: Jobs,
  tables: Tables,
  options: BigqueryOptions,
  batch: Batch,
  landing: string,
): Promise<void> {
  const shape = landingShape(batch.entity)
  // What an attempt of this runner left may be half of it nowhere: load jobs are atomic. But it may be all of it.
  if ((await tables.rows(landing)) !== batch.rows || batch.rows === 0n) {
    await tables.drop(landing)
    await tables.create(landing, shape, 'landing', new Date(Date.now() + options.transientDays * 86_400_000))
    await loadFile(jobs, tables, options, batch, landing, shape)
  }
  const rows = await tables.rows(landing)
  if (rows === batch.rows) return
  await tables.drop(landing)
  throw new WarehouseError(
    'WAREHOUSE_ERROR',
    jobs.warehouse,
    `The batch ${batch.hash} of ${batch.entity.name} was said to hold ${batch.rows} rows and holds ${rows ?? 0n}.`,
  )
}

async function loadFile(
  jobs: Jobs,
  tables: Tables,
  options: BigqueryOptions,
  batch: Batch,
  landing: string,
  shape: TableShape,
): Promise<void> {
  const place = `${options.project}.${options.dataset}.${landing}`
  // The same batch into the same table by the same runner is the same job, however often it is asked for.
  const id = `goldgate_load_${createHash('sha256').update(place).digest('hex').slice(0, 40)}`
  const staged = await stage(jobs, options, batch, landing)
  try {
    for (let made = 0; ; made += 1) {
      const isLast = made + 1 >= patient.attempts
      const jobId = `${id}_${made}`
      // What is thrown here has been tried for as long as a run is patient: only a job that failed makes another one.
      const job = await submit(jobs, options, { batch, landing, shape, jobId, uri: staged?.uri })
      const failure = await untilDone(job ?? jobs.client.job(jobId, locationOf(options)))
      if (failure === undefined) {
        if (job !== undefined || isLast || (await tables.rows(landing)) === batch.rows) return
        // It went well once, into a table that is gone since.
        continue
      }
      // One of an earlier attempt (no answer came to `submit`) may have failed for a reason that is gone.
      if (isLast || (job !== undefined && !isPassing(failureOf(failure)))) throw failure
      await pause(patient, made + 1)
    }
  } catch (error) {
    throw toWarehouseError(jobs.warehouse, error)
  } finally {
    await staged?.remove()
  }
}

interface Load {
  readonly batch: Batch
  readonly landing: string
  readonly shape: TableShape
  readonly jobId: string
  /** Absent = the file is uploaded. */
  readonly uri: string | undefined
}

/** Undefined where a job of this id is known already (409). */
function submit(jobs: Jobs, options: BigqueryOptions, load: Load): Promise<Job | undefined> {
  const { batch, landing, shape, jobId, uri } = load
  const place = locationOf(options)
  const configuration = {
    sourceFormat: 'PARQUET',
    createDisposition: 'CREATE_NEVER',
    writeDisposition: 'WRITE_EMPTY',
    schema: { fields: [...shape.schema.fields] },
  }
  return untilItPasses(patient, async () => {
    try {
      if (uri === undefined) {
        const table = jobs.client.dataset(options.dataset).table(landing, place)
        const [job] = await table.createLoadJob(batch.parquetPath, { ...configuration, ...place, jobId })
        return job
      }
      const destinationTable = { projectId: options.project, datasetId: options.dataset, tableId: landing }
      const [job] = await jobs.client.createJob({
        configuration: { load: { ...configuration, sourceUris: [uri], destinationTable }, labels: jobs.labels('load') },
        ...place,
        jobId,
      })
      return job
    } catch (error) {
      if (failureOf(error).status === 409) return undefined
      throw error
    }
  })
}

const locationOf = ({ location }: BigqueryOptions) => (location === undefined ? {} : { location })

const jobState = z.object({
  status: z.object({
    state: z.string(),
    errorResult: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  }),
})

/** What the job failed with; undefined when it went well. */
async function untilDone(job: Job): Promise<Error | undefined> {
  for (let wait = 50; ; wait = Math.min(wait * 1.6, 2_000)) {
    const [metadata] = await untilItPasses(patient, () => job.getMetadata())
    const { state, errorResult } = jobState.parse(metadata).status
    if (state === 'DONE') {
      if (errorResult === undefined) return undefined
      return Object.assign(new Error(errorResult.message ?? 'the load job failed'), { errors: [errorResult] })
    }
    await sleep(wait)
  }
}
