import { randomUUID } from 'node:crypto'
import type { BigQuery, Job, Query, QueryResultsOptions, QueryRowsResponse } from '@google-cloud/bigquery'
import { z } from 'zod'
import type { Param } from '../../contract/values.js'
import { cancelled, refused, refuseIfAborted, statementTimeout } from '../../toolkit/errors.js'
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
  /** Told once what the job says that it has read. */
  readonly onRead?: (bytes: bigint) => void
  /** Costs one more request. */
  readonly countChanges?: boolean
}

/** A piece of an answer, and how to ask for the next one. */
interface Page {
  readonly rows: readonly unknown[]
  readonly next: QueryResultsOptions | null | undefined
  /** That the job has read, for all pages; undefined as long as it is not over. */
  readonly bytes: bigint | undefined
}

const firstPage: QueryResultsOptions = { skipParsing: true, autoPaginate: false, maxResults: 10_000 }

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

/** What `getQueryResults` says beside the rows. */
const progress = z.object({ jobComplete: z.literal(true), totalBytesProcessed: z.string().regex(/^\d+$/) })

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
  query(job: QueryJob): Promise<QueryAnswer> {
    return this.#inTime(job, (stopped) => this.#untilDone(job, stopped, (found) => this.#results(job, found, stopped)))
  }

  /** The answer of `query` page by page: each is asked for when the one before it was taken. `timeoutMs` holds for all of them together. */
  async *pages(query: QueryJob): AsyncGenerator<readonly unknown[]> {
    const { timeoutMs, ...endless } = query
    const until = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
    const left = () =>
      until === undefined ? endless : { ...endless, timeoutMs: Math.max(1, until - performance.now()) }
    const first = await this.#inTime(left(), (stopped) =>
      this.#untilDone(query, stopped, async (job) => ({ job, page: await this.#page(job, firstPage, stopped) })),
    )
    let { page } = first
    let told = tell(query, page)
    yield page.rows
    while (page.next) {
      const { next } = page
      page = await this.#inTime(left(), (stopped) =>
        untilItPasses(impatient, () => this.#page(first.job, next, stopped)),
      )
      if (!told) told = tell(query, page)
      yield page.rows
    }
  }

  async #inTime<T>(
    { signal, timeoutMs }: Pick<QueryJob, 'signal' | 'timeoutMs'>,
    begin: (stopped: AbortSignal) => Promise<T>,
  ): Promise<T> {
    refuseIfAborted(this.warehouse, signal)
    const stop = new AbortController()
    const work = begin(stop.signal)
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
  async estimate(
    sql: string,
    params: readonly Param[],
    limits: Pick<QueryJob, 'signal' | 'timeoutMs'> = {},
  ): Promise<bigint> {
    const configuration = { ...this.#configuration({ sql, params, purpose: 'estimate' }), dryRun: true }
    const [job] = await this.#inTime(limits, () =>
      untilItPasses(impatient, () => this.client.createQueryJob(configuration)),
    )
    const found = statistics.safeParse(job.metadata).data?.statistics
    const bytes = found?.totalBytesProcessed ?? found?.query?.totalBytesProcessed
    // Not zero: whoever has a budget would be let through.
    if (bytes === undefined) throw refused(this.warehouse, 'BigQuery did not say how many bytes it would read.')
    return BigInt(bytes)
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

  /** Runs the job, and reads what `read` reads of it. */
  async #untilDone<T>(query: QueryJob, stopped: AbortSignal, read: (job: Job) => Promise<T>): Promise<T> {
    const patience = query.patience ?? impatient
    const ids = `goldgate_${query.purpose}_${randomUUID()}`
    let made = 0
    let job = this.#job(`${ids}_${made}`, stopped)
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#submit(query, job)
        // A cancel that came before the job was there is lost.
        if (stopped.aborted) await cancel(job)
        return await read(job)
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
    const rows: unknown[] = []
    let next: Page['next'] = firstPage
    while (next && !stopped.aborted) {
      const page: Page = await this.#page(job, next, stopped)
      for (const row of page.rows) rows.push(row)
      next = page.next
      if (!next) tell(query, page)
    }
    if (query.countChanges !== true) return { rows, changed: undefined }
    const [metadata] = await job.getMetadata()
    const changed = statistics.parse(metadata).statistics.query?.numDmlAffectedRows
    return { rows, changed: changed === undefined ? undefined : BigInt(changed) }
  }

  async #page(job: Job, asked: QueryResultsOptions, stopped: AbortSignal): Promise<Page> {
    if (stopped.aborted) return { rows: [], next: undefined, bytes: undefined }
    const [rows, next, said]: QueryRowsResponse = await job.getQueryResults(asked)
    const { data } = progress.safeParse(said)
    return { rows, next, bytes: data && BigInt(data.totalBytesProcessed) }
  }
}

function tell({ onRead }: QueryJob, { bytes }: Page): boolean {
  if (bytes !== undefined) onRead?.(bytes)
  return bytes !== undefined
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
