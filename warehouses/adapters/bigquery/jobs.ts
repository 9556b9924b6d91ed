import { randomUUID } from 'node:crypto'
import type { BigQuery, Job, Query, QueryResultsOptions, QueryRowsResponse } from '@google-cloud/bigquery'
import { z } from 'zod'
import type { Param } from '../../contract/values.js'
import { cancelled, refuseIfAborted, statementTimeout } from '../../toolkit/errors.js'
import { failureOf, isPassing, toWarehouseError } from './errors.js'
import type { BigqueryOptions } from './options.js'
import { impatient, type Patience, patient, pause, untilItPasses } from './retry.js'
import { toParameters } from './values.js'

export interface QueryJob {
  readonly sql: string
  readonly params?: readonly Param[]
  /** Label `goldgate` of the job, and the beginning of its id: `read`, `merge`… */
  readonly purpose: string
  readonly patience?: Patience
  readonly maxBytesBilled?: bigint
  /** The job is cancelled after this, and when the caller goes away. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Costs one more request. */
  readonly countChanges?: boolean
}

export interface QueryAnswer {
  /** As `skipParsing` leaves them. */
  readonly rows: readonly unknown[]
  /** Rows that a DML statement changed. */
  readonly changed: bigint | undefined
}

const statistics = z.object({
  statistics: z.object({
    totalBytesProcessed: z.string().optional(),
    query: z
      .object({ numDmlAffectedRows: z.string().optional(), totalBytesProcessed: z.string().optional() })
      .optional(),
  }),
})

const ended = z.object({ status: z.object({ state: z.literal('DONE'), errorResult: z.object({}).optional() }) })

/** What BigQuery is asked to do, as jobs. Every error that leaves it is a `WarehouseError`. */
export class Jobs {
  constructor(
    readonly warehouse: string,
    readonly client: BigQuery,
    private readonly options: BigqueryOptions,
  ) {}

  labels(purpose: string): Record<string, string> {
    return { ...this.options.labels, goldgate: purpose }
  }

  /**
   * One query job to its end. Its id is made here: when the answer to the request that made it is lost, asking again finds the
   * job (409) instead of running it twice. A job that failed for a passing reason is made anew, under another id.
   */
  async query(job: QueryJob): Promise<QueryAnswer> {
    const { signal, timeoutMs } = job
    refuseIfAborted(this.warehouse, signal)
    const stop = new AbortController()
    const work = this.#untilDone(job, stop.signal)
    const interrupted = new Promise<never>((_, reject) => {
      const end = (error: Error) => {
        stop.abort()
        reject(error)
      }
      const timer =
        timeoutMs === undefined ? undefined : setTimeout(() => end(statementTimeout(this.warehouse)), timeoutMs)
      const abort = () => end(cancelled(this.warehouse))
      signal?.addEventListener('abort', abort, { once: true })
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
      work.then(settle, settle)
    })
    try {
      return await Promise.race([work, interrupted])
    } catch (error) {
      throw toWarehouseError(this.warehouse, error)
    }
  }

  /** Bytes that the statement would read. Nothing runs and nothing is billed. */
  async estimate(sql: string, params: readonly Param[]): Promise<bigint> {
    try {
      const [job] = await untilItPasses(impatient, () =>
        this.client.createQueryJob({ ...this.#configuration({ sql, params, purpose: 'estimate' }), dryRun: true }),
      )
      const found = statistics.parse(job.metadata).statistics
      return BigInt(found.totalBytesProcessed ?? found.query?.totalBytesProcessed ?? '0')
    } catch (error) {
      throw toWarehouseError(this.warehouse, error)
    }
  }

  /** A request that is no job: of tables and datasets. */
  async request<T>(work: (client: BigQuery) => Promise<T>, patience: Patience = patient): Promise<T> {
    try {
      return await untilItPasses(patience, () => work(this.client))
    } catch (error) {
      throw toWarehouseError(this.warehouse, error)
    }
  }

  #configuration({ sql, params = [], purpose, maxBytesBilled, timeoutMs }: QueryJob): Query {
    return {
      query: sql,
      useLegacySql: false,
      ...(params.length === 0 ? {} : { parameterMode: 'NAMED', queryParameters: toParameters(params) }),
      ...(maxBytesBilled === undefined ? {} : { maximumBytesBilled: String(maxBytesBilled) }),
      ...(timeoutMs === undefined ? {} : { jobTimeoutMs: Math.ceil(timeoutMs) }),
      ...(this.options.location === undefined ? {} : { location: this.options.location }),
      labels: this.labels(purpose),
    }
  }

  async #untilDone(query: QueryJob, stopped: AbortSignal): Promise<QueryAnswer> {
    const patience = query.patience ?? impatient
    const ids = `goldgate_${query.purpose}_${randomUUID()}`
    let made = 0
    let job = this.#job(`${ids}_${made}`, stopped)
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#submit(query, job)
        return await this.#results(query, job, stopped)
      } catch (error) {
        if (stopped.aborted || failures >= patience.attempts || !isPassing(failureOf(error))) throw error
        if (await hasFailed(job)) {
          // The id of a job that failed is used up.
          made += 1
          job = this.#job(`${ids}_${made}`, stopped)
        }
        await pause(patience, failures, stopped)
      }
    }
  }

  #job(id: string, stopped: AbortSignal): Job {
    const job = this.client.job(id, this.options.location === undefined ? {} : { location: this.options.location })
    stopped.addEventListener('abort', () => void cancel(job), { once: true })
    return job
  }

  /** The job is there afterwards, whether this request made it or one whose answer was lost. */
  async #submit(query: QueryJob, job: Job): Promise<void> {
    try {
      await this.client.createQueryJob({ ...this.#configuration(query), jobId: job.id ?? '' })
    } catch (error) {
      if (failureOf(error).status !== 409) throw error
    }
  }

  async #results(query: QueryJob, job: Job, stopped: AbortSignal): Promise<QueryAnswer> {
    // A cancel that came before the job was there is lost.
    if (stopped.aborted) await cancel(job)
    const rows: unknown[] = []
    let page: QueryResultsOptions | null | undefined = { skipParsing: true, autoPaginate: false, maxResults: 10_000 }
    while (page && !stopped.aborted) {
      const [found, next]: QueryRowsResponse = await job.getQueryResults(page)
      for (const row of found) rows.push(row)
      page = next
    }
    if (query.countChanges !== true) return { rows, changed: undefined }
    const [metadata] = await job.getMetadata()
    const changed = statistics.parse(metadata).statistics.query?.numDmlAffectedRows
    return { rows, changed: changed === undefined ? undefined : BigInt(changed) }
  }
}

/** Whether the job is over and failed. False where nobody can tell. */
async function hasFailed(job: Job): Promise<boolean> {
  const known = await job.getMetadata().catch(() => undefined)
  const state = ended.safeParse(known?.[0])
  return state.success && state.data.status.errorResult !== undefined
}

/** Best effort: a job that goes on ends by its own timeout. */
async function cancel(job: Job): Promise<void> {
  await job.cancel().catch(() => undefined)
}
