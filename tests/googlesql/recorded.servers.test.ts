import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RecordingProxy } from '../../scripts/servers/recording-proxy.js'
import { type Servers, startServers } from '../../scripts/servers/servers.js'
import { analyzerPath } from './analyzer.js'
import { judgeRecord } from './recorded.js'

/** The official client, the real server, and the proxy between them, apart from those of the whole run: mistakes are planted here. */
let servers: Servers
let proxy: RecordingProxy
let folder: string
let client: BigQuery

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goldgate record '))
  servers = await startServers({ bigquery: true })
  proxy = await RecordingProxy.start(servers.bigquery.endpoint, join(folder, 'record'))
  client = new BigQuery({
    projectId: 'a-project',
    apiEndpoint: proxy.endpoint,
    authClient: new PassThroughClient(),
    autoRetry: false,
    maxRetries: 0,
  })
})
afterAll(async () => {
  await proxy?.stop()
  await servers?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function send(query: string, parameters: Record<string, string> = {}): Promise<unknown> {
  const queryParameters = Object.entries(parameters).map(([name, type]) => ({
    name,
    parameterType: { type },
    parameterValue: { value: '1' },
  }))
  const [job] = await client.createQueryJob({
    query,
    labels: { goldgate: 'planted' },
    ...(queryParameters.length > 0 && { parameterMode: 'NAMED', queryParameters }),
  })
  return (await job.getQueryResults())[0]
}

const recorded = async () => (await readFile(join(folder, 'record'), 'utf8')).trim().split('\n')

describe.skipIf(analyzerPath === undefined)('What is sent to BigQuery', () => {
  it('is judged with the tables that requests and statements made before', async () => {
    const [dataset] = await client.createDataset('shop')
    await dataset.createTable('sales', { schema: { fields: [{ name: 'id', type: 'INTEGER', mode: 'REQUIRED' }] } })
    await send(
      'CREATE TABLE `a-project`.`shop`.`copies` AS SELECT id, CAST(1 AS NUMERIC(38, 9)) AS amount FROM shop.sales',
    )
    await send('CREATE OR REPLACE VIEW `a-project.shop.newest` AS SELECT MAX(id) AS id FROM shop.copies')
    expect(await send('SELECT n.id FROM shop.newest AS n WHERE n.id = @p1', { p1: 'INT64' })).toEqual([])
    const { judged, mistakes } = await judgeRecord(await recorded(), () => false)
    expect(mistakes).toEqual([])
    expect(judged).toBe(3)
  })

  it('has its mistake found, though the emulator takes it', async () => {
    const wrong = 'SELECT id FROM shop.sales WHERE list_contains([1], id)'
    expect(await send(wrong)).toEqual([])
    await send("SELECT id FROM shop.sales WHERE id = 'one' OR id = @p1", { p1: 'INT64' }).catch(() => undefined)
    const { mistakes } = await judgeRecord(await recorded(), () => false)
    expect(mistakes.map(({ sql }) => sql)).toEqual([wrong, expect.stringContaining("'one'")])
    expect(mistakes[0]?.reason).toContain('Function not found: list_contains')
    expect(mistakes[0]?.place).toMatch(/^planted, request \d+ of the record$/)
    const { mistakes: others } = await judgeRecord(await recorded(), (sql) => sql === wrong)
    expect(others).toHaveLength(1)
  })

  it('may name a table that is there elsewhere, and no column that it does not have', async () => {
    const ask = (sql: string) => send(sql).catch(() => undefined)
    await ask('SELECT id FROM nowhere.sales')
    await ask('SELECT price FROM nowhere.sales')
    await ask('SELECT id FROM shop.nothing')
    const { mistakes } = await judgeRecord(
      await recorded(),
      (sql) => sql.includes('list_contains') || sql.includes("'one'"),
    )
    expect(mistakes.map(({ sql }) => sql)).toEqual(['SELECT price FROM nowhere.sales', 'SELECT id FROM shop.nothing'])
  })

  it('breaks off for its client when the server dies', async () => {
    await servers.bigquery.kill()
    await expect(client.dataset('shop').getMetadata()).rejects.toThrow(/socket hang up|ECONN/)
    await servers.bigquery.start()
    await client.dataset('shop').getMetadata()
  })
})
