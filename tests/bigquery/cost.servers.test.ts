import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { emulatorUnderTest } from '../../warehouses/adapters/bigquery/testing/emulator.js'
import type { Subject } from '../../warehouses/conformance/subject.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import { builds, TestGateway } from '../fixtures/gateway/gateway.js'
import { RecordingWarehouse } from '../fixtures/gateway/recording-warehouse.js'
import { MeddlingProxy } from './meddling-proxy.js'

const endpoint = process.env.GOLDGATE_TEST_BIGQUERY_ENDPOINT ?? ''
const budget = 20_000_000

/** The server runs what it is to estimate, and says 0 bytes of everything: what is tested are the requests. */
describe.skipIf(endpoint === '')('a gateway over BigQuery', () => {
  let proxy: MeddlingProxy
  let subject: Subject
  let warehouse: Warehouse
  let free: TestGateway
  let bound: TestGateway

  beforeAll(async () => {
    proxy = await MeddlingProxy.start(endpoint)
    subject = await emulatorUnderTest(proxy.endpoint).create()
    warehouse = await subject.open()
    await warehouse.setup()
    const writer = await warehouse.openWriter(1n, [])
    const model = goldModels.find(({ name }) => name === 'daily_revenue')
    if (!model) throw new Error('There is no daily_revenue')
    const { dialect } = warehouse
    const values = model.columns.map(({ name, type }) => {
      const value = { date: "'2024-01-31'", text: "'demo'" }[String(type.kind)] ?? "'7'"
      return `${dialect.cast(value, type)} AS ${dialect.quote(name)}`
    })
    await writer.buildTable(builds.first, model, `SELECT ${values.join(', ')}`)
    await writer.finishBuild(builds.first)
    await writer.close()
    free = await start({})
    bound = await start({ bytes: budget })
  })
  beforeEach(() => {
    proxy.seen.length = 0
  })
  afterAll(async () => {
    await free?.gateway.close()
    await bound?.gateway.close()
    await subject?.close()
    await proxy?.stop()
  })

  async function start(limits: { readonly bytes?: number }): Promise<TestGateway> {
    const names = new Map([['bigquery', new RecordingWarehouse('bigquery', warehouse)]])
    return new TestGateway(names).start({ limits, cache: { megabytes: 4 } })
  }
  /** The jobs that were asked for: whether each only was to be estimated, and the bytes that it may be billed for. */
  const jobs = () =>
    proxy.seen.flatMap(({ method, body }) => {
      if (method !== 'POST' || !body.includes('"configuration"')) return []
      const { configuration } = JSON.parse(body)
      return [[configuration.dryRun === true, configuration.query.maximumBytesBilled]]
    })
  const costOf = async (gateway: TestGateway, query: string, headers = {}) => {
    const { body, text } = await gateway.ask(query, {}, headers)
    expect(body.errors, text).toBeUndefined()
    return body.extensions?.goldgate as unknown as Record<string, unknown>
  }
  const query = '{ dailyRevenue { nodes { revenueDate netRevenue } totalCount } }'

  it('asks for estimates first where there is a budget, which each job carries, and for none where a cache answers', async () => {
    expect((await costOf(bound, query)).cost).toEqual({ bytes: 0, budget, read: expect.any(Number) })
    const seen = jobs()
    expect(seen.filter(([dry]) => dry)).toHaveLength(2)
    expect(seen.filter(([dry]) => !dry)).toEqual([
      [false, String(budget)],
      [false, String(budget)],
    ])
    expect(seen[0]?.[0]).toBe(true)
    expect((await costOf(bound, `${query} # again`)).cost).toBeUndefined()
    expect(jobs()).toHaveLength(4)
  })

  it('asks for no estimate where there is no budget', async () => {
    await costOf(free, query)
    expect(jobs()).toEqual([
      [false, undefined],
      [false, undefined],
    ])
  })

  it('explains with nothing but dry runs', async () => {
    const { explain, cost } = await costOf(free, query, { 'x-goldgate-explain': 'true' })
    expect(explain).toMatchObject({
      statements: [{ bytes: 0, sql: expect.stringContaining('daily_revenue') }, { bytes: 0 }],
    })
    expect(cost).toEqual({ bytes: 0 })
    expect(jobs().map(([dry]) => dry)).toEqual([true, true])
  })
})
