import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { things } from '../../conformance/things.js'
import type { Batch } from '../../contract/batch.js'
import { fillLanding, landingTable } from './load.js'
import { Tables } from './tables.js'
import { type ApiAnswer, type ApiRequest, apiError, FakeApi } from './testing/fake-api.js'

let api: FakeApi | undefined
let directory: string
let parquetPath: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'goldgate load '))
  parquetPath = join(directory, 'batch.parquet')
  await writeFile(parquetPath, 'PAR1 rows PAR1')
})
afterEach(() => api?.stop())
afterAll(() => rm(directory, { recursive: true, force: true }))

const batch = (uris: readonly string[] = []): Batch => ({
  source: 'shop',
  entity: things,
  mode: 'full',
  runId: 'run1',
  hash: 'abc',
  parquetPath,
  uris,
  rows: 3n,
  bytes: 14,
})
const landing = landingTable(batch(), 7n)
const isLoad = ({ method, path }: ApiRequest) => method === 'POST' && path === '/jobs'
const gcs = ['s3://elsewhere/x.parquet', 'gs://lake/silver/x.parquet']

/** A BigQuery whose load jobs put `rows` rows into the table; `first` may say something else. */
async function load(
  uris: readonly string[],
  first: (request: ApiRequest, count: number) => ApiAnswer | undefined = () => undefined,
  rows = 3,
) {
  let loaded = 0
  let made = 0
  const started = await FakeApi.start(
    (request) => {
      if (isLoad(request)) made += 1
      const said = first(request, made)
      if (said !== undefined) return said
      if (isLoad(request)) {
        loaded = rows
        const jobReference = { projectId: 'p', jobId: 'made', location: 'EU' }
        return { body: { jobReference, status: { state: 'RUNNING' } } }
      }
      if (request.path.startsWith('/jobs/')) return { body: { status: { state: 'DONE' } } }
      if (request.method === 'DELETE') return apiError(404, 'notFound', 'no table')
      if (request.method === 'GET' && loaded === 0) return apiError(404, 'notFound', 'no table')
      const tableReference = { projectId: 'p', datasetId: 'd', tableId: landing }
      return { body: { tableReference, numRows: String(loaded) } }
    },
    { location: 'EU', transientDays: 2 },
  )
  api = started
  await fillLanding(started.jobs, new Tables(started.jobs, 'd'), started.options, batch(uris), landing)
  return started
}

const idsOf = (started: FakeApi) =>
  started.made.map((body) => (body as { jobReference: { jobId: string } }).jobReference.jobId)

describe('A load into BigQuery', () => {
  it('goes into a table of that batch and runner, made before with the entity’s types and an end', async () => {
    const before = Date.now()
    const started = await load(gcs)
    const [, , created] = started.requests
    expect(created?.path).toBe('/datasets/d/tables')
    const { expirationTime, ...body } = (created?.body ?? {}) as Record<string, unknown>
    expect(Number(expirationTime)).toBeGreaterThanOrEqual(before + 2 * 86_400_000)
    expect(body).toMatchObject({ tableReference: { tableId: landing }, labels: { goldgate: 'landing' } })
    expect(body.schema).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ name: 'thing_id', type: 'STRING', mode: 'REQUIRED' }),
        expect.objectContaining({ name: 'exact', type: 'NUMERIC', precision: '38', scale: '9', mode: 'NULLABLE' }),
        expect.objectContaining({ name: 'moment', type: 'TIMESTAMP' }),
      ]),
    })
    expect(landing).toMatch(/^landing_things__[0-9a-f]{16}_7$/)
  })

  it('reads the object store that BigQuery reaches', async () => {
    const started = await load(gcs)
    expect(started.made).toEqual([
      {
        jobReference: {
          projectId: 'p',
          location: 'EU',
          jobId: expect.stringMatching(/^goldgate_load_[0-9a-f]{40}_0$/),
        },
        configuration: {
          labels: { goldgate: 'load' },
          load: {
            sourceFormat: 'PARQUET',
            sourceUris: ['gs://lake/silver/x.parquet'],
            createDisposition: 'CREATE_NEVER',
            writeDisposition: 'WRITE_EMPTY',
            destinationTable: { projectId: 'p', datasetId: 'd', tableId: landing },
            schema: expect.anything(),
          },
        },
      },
    ])
  })

  it('uploads the file where no store holds it', async () => {
    const started = await load([])
    const upload = started.requests.find(isLoad)
    expect(String(upload?.body)).toContain('PAR1 rows PAR1')
    expect(String(upload?.body)).toMatch(/"jobId":"goldgate_load_[0-9a-f]{40}_0"/)
    expect(String(upload?.body)).toContain('"sourceFormat":"PARQUET"')
  })

  it('has the same id whenever the same runner loads the same batch', async () => {
    const first = idsOf(await load(gcs))
    await api?.stop()
    expect(idsOf(await load(gcs))).toEqual(first)
  })

  it('fetches the job that is known already', async () => {
    let known = false
    const started = await load(gcs, (request, count) => {
      if (isLoad(request) && count === 1) {
        known = true
        return apiError(409, 'duplicate', 'Already Exists: Job')
      }
      // The job that is known has filled the table.
      if (known && request.method === 'GET' && request.path.endsWith(landing)) return { body: { numRows: '3' } }
      return undefined
    })
    const [id] = idsOf(started)
    expect(idsOf(started)).toHaveLength(1)
    expect(started.requests.map(({ path }) => path)).toContain(`/jobs/${id}`)
  })

  it('asks for another job where the known one filled a table that is gone since', async () => {
    const started = await load(gcs, (request, count) =>
      isLoad(request) && count === 1 ? apiError(409, 'duplicate', 'Already Exists: Job') : undefined,
    )
    const ids = idsOf(started)
    expect(ids.map((id) => id.slice(-2))).toEqual(['_0', '_1'])
  })

  it('is made again, as another job, when the first failed for a passing reason', async () => {
    const started = await load(gcs, (request, count) =>
      count === 1 && /^\/jobs\/./.test(request.path)
        ? { body: { status: { state: 'DONE', errorResult: { reason: 'backendError', message: 'later' } } } }
        : undefined,
    )
    expect(idsOf(started)).toHaveLength(2)
  })

  it('is made once when the file is wrong', async () => {
    let made = 0
    const failing = load(gcs, (request) => {
      if (isLoad(request)) made += 1
      if (!/^\/jobs\/./.test(request.path)) return undefined
      return { body: { status: { state: 'DONE', errorResult: { reason: 'invalid', message: 'not Parquet' } } } }
    })
    await expect(failing).rejects.toMatchObject({
      code: 'WAREHOUSE_ERROR',
      message: expect.stringMatching(/not Parquet/),
    })
    expect(made).toBe(1)
  })

  it('with another number of rows than the batch says is refused, and its table dropped', async () => {
    await expect(load(gcs, undefined, 4)).rejects.toMatchObject({
      message: expect.stringMatching(/3 rows and holds 4/),
    })
    expect(api?.requests.at(-1)).toMatchObject({ method: 'DELETE', path: `/datasets/d/tables/${landing}` })
  })
})
