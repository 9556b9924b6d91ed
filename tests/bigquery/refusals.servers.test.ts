import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emulatorUnderTest } from '../../warehouses/adapters/bigquery/testing/emulator.js'
import type { Subject } from '../../warehouses/conformance/subject.js'
import { thing } from '../../warehouses/conformance/things.js'
import { Workbench } from '../../warehouses/conformance/workbench.js'
import { type Answer, MeddlingProxy, type SeenRequest } from './meddling-proxy.js'

const endpoint = process.env.GOLDGATE_TEST_BIGQUERY_ENDPOINT
const project = 'goldgate-test'

/** An error as the service words it. */
const refusal = (status: number, reason: string, message: string): Answer => ({
  status,
  body: {
    error: { code: status, message, errors: [{ message, domain: 'global', reason }], status: 'PERMISSION_DENIED' },
  },
})
const denied = (message: string) => refusal(403, 'accessDenied', `Access Denied: ${message}`)

const makesJob = ({ method, path }: SeenRequest) => method === 'POST' && path === '/jobs'
const readsDataset = ({ method, path }: SeenRequest) => method === 'GET' && /^\/datasets\/\w+$/.test(path)
const makesDataset = ({ method, path }: SeenRequest) => method === 'POST' && path === '/datasets'
const listsTables = ({ method, path }: SeenRequest) => method === 'GET' && /^\/datasets\/\w+\/tables$/.test(path)
const makesTable = ({ method, path }: SeenRequest) => method === 'POST' && /^\/datasets\/\w+\/tables$/.test(path)
const asksPermissions = ({ path }: SeenRequest) => path.endsWith('/tables/fence:testIamPermissions')

/** The real server program, with the answers that it never gives in front of it. */
describe.skipIf(endpoint === undefined)('BigQuery', () => {
  let proxy: MeddlingProxy
  let subject: Subject
  let bench: Workbench
  let dataset: string

  beforeAll(async () => {
    proxy = await MeddlingProxy.start(endpoint ?? '')
    subject = await emulatorUnderTest(proxy.endpoint).create()
    bench = await Workbench.open(subject)
    await bench.publish([thing('a')])
    dataset = proxy.seen.flatMap(({ path }) => /^\/datasets\/(\w+)/.exec(path)?.[1] ?? [])[0] ?? ''
  })
  beforeEach(() => {
    proxy.meddling = {}
    proxy.seen.splice(0)
  })
  afterAll(async () => {
    proxy.meddling = {}
    await subject?.close()
    await proxy?.stop()
  })

  /** Every such request is answered like this. */
  function always(isWanted: (request: SeenRequest) => boolean, answer: Answer): void {
    proxy.meddling = { answer: (request) => (isWanted(request) ? answer : undefined) }
  }
  const onDataset = () => `GRANT \`roles/bigquery.dataEditor\` ON SCHEMA \`${project}\`.\`${dataset}\``

  it.each([
    [
      'jobs.create',
      makesJob,
      () => denied(`Project ${project}: User does not have bigquery.jobs.create permission in project ${project}.`),
      () => `gcloud projects add-iam-policy-binding ${project} --member=… --role=roles/bigquery.jobUser`,
    ],
    [
      'datasets.get',
      readsDataset,
      () =>
        denied(
          `Dataset ${project}:${dataset}: Permission bigquery.datasets.get denied on dataset (or it may not exist).`,
        ),
      onDataset,
    ],
    [
      'tables.list',
      listsTables,
      () =>
        denied(
          `Dataset ${project}:${dataset}: Permission bigquery.tables.list denied on dataset (or it may not exist).`,
        ),
      onDataset,
    ],
    [
      'tables.updateData',
      asksPermissions,
      () => ({
        status: 200,
        body: {
          permissions: ['get', 'getData', 'update', 'delete'].map((verb) => `bigquery.tables.${verb}`),
        },
      }),
      onDataset,
    ],
  ])('without %s is diagnosed, with the command that grants it', async (permission, isWanted, answer, command) => {
    always(isWanted, answer())
    const { problems } = await bench.warehouse.diagnose()
    expect(problems).toEqual([expect.stringContaining(command())])
    expect(problems[0]).toMatch(new RegExp(`^No permission bigquery\\.${permission} on `))
  })

  it('without any permission is diagnosed with each of them', async () => {
    always(
      (request) => makesJob(request) || readsDataset(request),
      refusal(403, 'accessDenied', 'Access Denied: the caller may not do this'),
    )
    const { problems } = await bench.warehouse.diagnose()
    expect(problems.map((each) => /^No permission (\S+)/.exec(each)?.[1])).toEqual([
      'bigquery.datasets.get',
      'bigquery.jobs.create',
    ])
  })

  it('where no dataset may be made says at setup who may, and how', async () => {
    const missing = refusal(404, 'notFound', `Not found: Dataset ${project}:${dataset}`)
    const message = `Project ${project}: User does not have bigquery.datasets.create permission in project ${project}.`
    proxy.meddling = {
      answer: (request) => (readsDataset(request) ? missing : makesDataset(request) ? denied(message) : undefined),
    }
    await expect(bench.warehouse.setup()).rejects.toMatchObject({
      code: 'WAREHOUSE_ERROR',
      message: expect.stringMatching(
        /No permission bigquery\.datasets\.create .*--role=roles\/bigquery\.user.* bq --location=US mk --dataset/s,
      ),
    })
  })

  it.each([
    [
      'tables.updateData',
      makesJob,
      `Table ${project}:d.fence: Permission bigquery.tables.updateData denied on table ${project}:d.fence (or it may not exist).`,
      'Grant roles/bigquery.dataEditor on the dataset',
    ],
    [
      'tables.getData',
      makesJob,
      `Table ${project}:d.fence: User does not have permission to query table ${project}:d.fence, or perhaps it does not exist.`,
      'Grant roles/bigquery.dataEditor on the dataset (an account that only reads: roles/bigquery.dataViewer)',
    ],
    [
      'jobs.create',
      makesJob,
      `Project ${project}: User does not have bigquery.jobs.create permission in project ${project}.`,
      'Grant roles/bigquery.jobUser on the project',
    ],
    [
      'tables.create',
      makesTable,
      `Dataset ${project}:d: Permission bigquery.tables.create denied on dataset ${project}:d (or it may not exist).`,
      'Grant roles/bigquery.dataEditor on the dataset',
    ],
  ])(
    'that refuses %s in a run is asked once, and the error says what to grant',
    async (permission, isWanted, text, advice) => {
      const batch = await bench.batch([thing('b')], { runId: 'run2' })
      always(isWanted, denied(text))
      const loading = bench.write((writer) => writer.load(batch), 2n)
      await expect(loading).rejects.toMatchObject({
        code: 'WAREHOUSE_ERROR',
        message: expect.stringMatching(
          new RegExp(`^Warehouse main lacks the permission bigquery\\.${permission}: Access Denied`),
        ),
      })
      await expect(loading).rejects.toThrow(advice)
      expect(proxy.seen.filter(isWanted)).toHaveLength(1)
    },
  )

  it.each([
    [403, 'rateLimitExceeded', 'Exceeded rate limits: too many concurrent queries for this project_and_region'],
    [403, 'quotaExceeded', 'Quota exceeded: Your project exceeded quota for concurrent queries.'],
    [503, 'backendError', 'Error encountered during execution. Retrying may solve the problem.'],
  ])('that answers %i %s once to every kind of request is asked again each time', async (status, reason, message) => {
    const kinds: [string, (request: SeenRequest) => boolean][] = [
      ['jobs', makesJob],
      ['tables made', makesTable],
      ['tables listed', listsTables],
      ['results', ({ path }) => path.startsWith('/queries/')],
      ['tables seen', ({ method, path }) => method === 'GET' && /\/tables\/\w+$/.test(path)],
      ['labels', ({ method }) => method === 'PATCH'],
    ]
    const open = new Map(kinds)
    proxy.meddling = {
      answer: (request) => {
        const [kind] = [...open].find(([, is]) => is(request)) ?? []
        if (kind === undefined) return undefined
        open.delete(kind)
        return refusal(status, reason, message)
      },
    }
    const tag = `${reason.toLowerCase()}_9`
    const build = await bench.publish([thing('a'), thing('b')], tag, 9n)
    expect(await bench.readColumn(build, 'thing_id')).toEqual(['a', 'b'])
    expect([...open.keys()]).toEqual([])
  })

  it.each([
    [400, 'invalidQuery', 'Syntax error: Expected end of input', 'WAREHOUSE_ERROR'],
    [403, 'billingNotEnabled', 'Billing has not been enabled for this project.', 'WAREHOUSE_ERROR'],
    [403, 'responseTooLarge', 'Response too large to return.', 'WAREHOUSE_ERROR'],
    [400, 'resourcesExceeded', 'Resources exceeded during query execution.', 'OUT_OF_MEMORY'],
    [400, 'invalidQuery', 'int64 overflow: 9223372036854775807 + 1', 'OUT_OF_RANGE'],
  ])('that answers %i %s is asked once', async (status, reason, message, code) => {
    always(makesJob, refusal(status, reason, message))
    await expect(bench.write(async () => undefined, 9n)).rejects.toMatchObject({ code })
    expect(proxy.seen.filter(makesJob)).toHaveLength(1)
  })
})
