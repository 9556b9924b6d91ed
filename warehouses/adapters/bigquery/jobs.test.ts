import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { date, decimal, integer, text } from '../../../models/columns.js'
import { bigqueryAdapter } from './adapter.js'
import { type ApiAnswer, type ApiRequest, apiError, FakeApi } from './testing/fake-api.js'

let api: FakeApi | undefined
afterEach(() => api?.stop())

const answer = { jobComplete: true, schema: { fields: [{ name: 'n', type: 'INTEGER' }] }, rows: [{ f: [{ v: '7' }] }] }
const statement = { sql: 'SELECT 7 AS n', params: [], columns: [{ name: 'n', type: integer }] }
const isResults = ({ path }: ApiRequest) => path.startsWith('/queries/')
const makesJob = ({ method, path }: ApiRequest) => method === 'POST' && path === '/jobs'
const jobOf = ({ body }: ApiRequest) => body as { jobReference: { jobId: string }; configuration: { query: object } }
const idsOf = (started: FakeApi) => started.requests.filter(makesJob).map((each) => jobOf(each).jobReference.jobId)

/** Takes every job and answers 7; `first` may say something else. */
async function open(
  first: (request: ApiRequest, count: number) => ApiAnswer | undefined | Promise<ApiAnswer | undefined>,
  options: Record<string, unknown> = {},
) {
  const seen = new Map<string, number>()
  api = await FakeApi.start(async (request) => {
    const kind = makesJob(request) ? 'make' : isResults(request) ? 'results' : request.path
    const count = (seen.get(kind) ?? 0) + 1
    seen.set(kind, count)
    const said = await first(request, count)
    if (said !== undefined) return said
    if (isResults(request)) return { body: answer }
    if (makesJob(request)) return { body: { ...jobOf(request), status: { state: 'DONE' } } }
    return { body: { status: { state: 'DONE' } } }
  }, options)
  const environment = { directory: '', embeddedPostgres: () => Promise.reject(new Error('not needed')) }
  return { started: api, warehouse: await bigqueryAdapter.open('main', api.options, environment) }
}

describe('A read of BigQuery', () => {
  it('is a job with labels, a location, typed parameters, a time limit and a limit of bytes', async () => {
    const { started, warehouse } = await open(() => undefined, {
      location: 'EU',
      labels: { team: 'data' },
      maxBytesBilled: 20_000_000,
    })
    const params = [
      { type: text, value: 'x' },
      { type: date, value: '2024-01-31' },
      { type: decimal(18, 2), value: '12.50' },
      { type: decimal(38, 2), value: null },
    ]
    const rows = await warehouse.query({ ...statement, params }, [], { timeoutMs: 5_000, maxBytesBilled: 30_000_000n })
    expect(rows).toEqual([{ n: 7n }])
    const [made] = started.made
    expect(made).toMatchObject({
      jobReference: { projectId: 'p', location: 'EU', jobId: expect.stringMatching(/^goldgate_read_[\w-]+$/) },
      configuration: {
        labels: { team: 'data', goldgate: 'read' },
        jobTimeoutMs: '5000',
        query: {
          query: statement.sql,
          useLegacySql: false,
          maximumBytesBilled: '20000000',
          parameterMode: 'NAMED',
          queryParameters: [
            { name: 'p1', parameterType: { type: 'STRING' }, parameterValue: { value: 'x' } },
            { name: 'p2', parameterType: { type: 'DATE' }, parameterValue: { value: '2024-01-31' } },
            { name: 'p3', parameterType: { type: 'NUMERIC' }, parameterValue: { value: '12.50' } },
            { name: 'p4', parameterType: { type: 'BIGNUMERIC' }, parameterValue: {} },
          ],
        },
      },
    })
    expect(started.requests.find(isResults)?.query.get('location')).toBe('EU')
    expect(started.requests.find(isResults)?.query.get('formatOptions.useInt64Timestamp')).toBe('true')
  })

  it('finds its job again when the answer to making it was lost', async () => {
    const { started, warehouse } = await open((request, count) => {
      if (!makesJob(request)) return undefined
      return count === 1 ? 'cut' : apiError(409, 'duplicate', 'Already Exists: Job p:US.x')
    })
    expect(await warehouse.query(statement, [])).toEqual([{ n: 7n }])
    const [first, second, ...more] = idsOf(started)
    expect([second, more]).toEqual([first, []])
  })

  it.each([
    ['rateLimitExceeded', 403],
    ['quotaExceeded', 403],
    ['backendError', 503],
    ['jobRateLimitExceeded', 400],
  ])('is asked again when %s passes, as another job once the first has failed', async (reason, status) => {
    const { started, warehouse } = await open((request, count) => {
      if (isResults(request) && count === 1) return apiError(status, reason, 'later')
      if (request.method === 'GET' && request.path.startsWith('/jobs/'))
        return { body: { status: { state: 'DONE', errorResult: { reason } } } }
      return undefined
    })
    expect(await warehouse.query(statement, [])).toEqual([{ n: 7n }])
    const [first, second, ...more] = idsOf(started)
    expect(second).not.toBe(first)
    expect(more).toEqual([])
  })

  it.each([
    [400, 'invalidQuery', 'WAREHOUSE_ERROR', /refused a statement/],
    [403, 'accessDenied', 'WAREHOUSE_ERROR', /roles\/bigquery\.jobUser/],
    [400, 'bytesBilledLimitExceeded', 'TOO_MANY_BYTES', /raise maxBytesBilled/],
    [401, 'authError', 'WAREHOUSE_UNAVAILABLE', /gcloud auth application-default login/],
  ])('is asked once when the answer is %i %s', async (status, reason, code, advice) => {
    const { started, warehouse } = await open((request) =>
      isResults(request) ? apiError(status, reason, 'no') : undefined,
    )
    await expect(warehouse.query(statement, [])).rejects.toMatchObject({ code, message: expect.stringMatching(advice) })
    expect(started.requests.filter(isResults)).toHaveLength(1)
  })

  it('gives up on what does not pass', async () => {
    const { started, warehouse } = await open((request) =>
      makesJob(request) ? apiError(503, 'backendError', 'down') : undefined,
    )
    await expect(warehouse.query(statement, [])).rejects.toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' })
    expect(new Set(idsOf(started)).size).toBe(1)
    expect(idsOf(started)).toHaveLength(4)
  })

  it('waits for a job that is not done, and reads every page', async () => {
    const { started, warehouse } = await open((request, count) => {
      if (!isResults(request)) return undefined
      if (count === 1) return { body: { jobComplete: false } }
      return count === 2 ? { body: { ...answer, pageToken: 'more' } } : undefined
    })
    expect(await warehouse.query(statement, [])).toEqual([{ n: 7n }, { n: 7n }])
    expect(started.requests.filter(isResults).map(({ query }) => query.get('pageToken'))).toEqual([null, null, 'more'])
  })

  it.each([
    ['its caller goes away', 'CANCELLED', { timeoutMs: 60_000 }, 100],
    ['it takes too long', 'STATEMENT_TIMEOUT', { timeoutMs: 100 }, undefined],
  ])('is cancelled in BigQuery when %s', async (_, code, options, abortAfter) => {
    const { started, warehouse } = await open(async (request) => {
      if (isResults(request)) await new Promise((resolve) => setTimeout(resolve, 400))
      return undefined
    })
    const signal = abortAfter === undefined ? undefined : AbortSignal.timeout(abortAfter)
    const asked = warehouse.query(statement, [], { ...options, ...(signal ? { signal } : {}) })
    await expect(asked).rejects.toMatchObject({ code })
    await expect
      .poll(() => started.requests.some(({ path }) => path === `/jobs/${idsOf(started)[0]}/cancel`))
      .toBe(true)
  })

  it('cancels a job that was made while its caller went away', async () => {
    const { started, warehouse } = await open(async (request) => {
      if (makesJob(request)) await new Promise((resolve) => setTimeout(resolve, 300))
      return undefined
    })
    await expect(warehouse.query(statement, [], { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    // One when the caller went, which BigQuery may not know what to do with, and one when the job was there.
    await expect.poll(() => started.requests.filter(({ path }) => path.endsWith('/cancel')).length).toBe(2)
  })

  it('may hold a semicolon in a text', async () => {
    const { started, warehouse } = await open(() => undefined)
    expect(await warehouse.query({ ...statement, sql: "SELECT 'N' || ';' FROM `a;b`" }, [])).toEqual([{ n: 7n }])
    expect(started.made).toHaveLength(1)
  })

  it.each([
    'DROP TABLE x',
    'DELETE FROM x WHERE TRUE',
    'SELECT 1; DROP TABLE x',
    'EXPORT DATA OPTIONS() AS SELECT 1',
    `SELECT "'" ; DROP TABLE x; SELECT '"'`,
    `SELECT '''a' ''' ; DROP TABLE x; SELECT ' '`,
    `SELECT 1 -- '\n; DROP TABLE x; SELECT ' '`,
    `SELECT 1 # '\n; DROP TABLE x; SELECT ' '`,
    `SELECT 1 /* ' */; DROP TABLE x; SELECT ' '`,
    `SELECT '\\''; DROP TABLE x; SELECT ' '`,
    "SELECT 1 FROM `'`; DROP TABLE x; SELECT ' '",
  ])('is never sent as %s', async (sql) => {
    const { started, warehouse } = await open(() => undefined)
    await expect(warehouse.query({ ...statement, sql }, [])).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' })
    expect(started.requests).toEqual([])
  })
})

describe('An estimate of BigQuery', () => {
  it('is a dry run', async () => {
    const { started, warehouse } = await open((request) =>
      makesJob(request)
        ? {
            body: { ...jobOf(request), status: { state: 'DONE' }, statistics: { totalBytesProcessed: '123456789012' } },
          }
        : undefined,
    )
    expect(await warehouse.estimate?.(statement, [])).toEqual({ bytes: 123_456_789_012n })
    expect(started.made).toMatchObject([{ configuration: { dryRun: true, labels: { goldgate: 'estimate' } } }])
    expect(started.requests).toHaveLength(1)
  })

  it('is not zero where BigQuery does not say it', async () => {
    const { warehouse } = await open(() => undefined)
    await expect(warehouse.estimate?.(statement, [])).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' })
  })

  it('is not waited for longer than asked', async () => {
    const { warehouse } = await open(() => new Promise((resolve) => setTimeout(() => resolve(undefined), 400)))
    const waiting = warehouse.estimate?.(statement, [], { timeoutMs: 50 })
    await expect(waiting).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' })
    const gone = warehouse.estimate?.(statement, [], { signal: AbortSignal.timeout(50) })
    await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('What a statement of BigQuery has read', () => {
  const said = { ...answer, totalBytesProcessed: '31457280' }

  it('is told once, when the job is over, of a read and of a stream', async () => {
    const { warehouse } = await open((request, count) => {
      if (!isResults(request)) return undefined
      if (count % 3 === 1) return { body: { jobComplete: false } }
      return { body: count % 3 === 2 ? { ...said, pageToken: 'more' } : said }
    })
    const told: bigint[] = []
    const onRead = (bytes: bigint) => void told.push(bytes)
    expect(await warehouse.query(statement, [], { onRead })).toHaveLength(2)
    expect(told).toEqual([31_457_280n])
    for await (const rows of warehouse.stream(statement, [], { onRead })) expect(rows).toHaveLength(1)
    expect(told).toEqual([31_457_280n, 31_457_280n])
  })

  it('is not told where the service does not say it', async () => {
    const { warehouse } = await open(() => undefined)
    const onRead = () => expect.unreachable()
    expect(await warehouse.query(statement, [], { onRead })).toEqual([{ n: 7n }])
  })
})

it.each(['hunter2 is no JSON', '{"private_key": "hunter2"}'])(
  'A key file that holds %s is not shown',
  async (content) => {
    const folder = await mkdtemp(join(tmpdir(), 'key file '))
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'key.json'))
    try {
      await writeFile(join(folder, 'key.json'), content)
      const { warehouse } = await open(() => undefined, { anonymous: undefined })
      const { problems } = await warehouse.diagnose()
      expect(problems).toEqual([
        expect.stringContaining('the file that GOOGLE_APPLICATION_CREDENTIALS names is no key'),
      ])
      const error: unknown = await warehouse.query(statement, []).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' })
      expect(inspect([problems, error], { depth: 10 })).not.toContain('hunter2')
    } finally {
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true })
    }
  },
)
