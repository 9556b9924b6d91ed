import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { BigQuery } from '@google-cloud/bigquery'
import { Storage } from '@google-cloud/storage'
import { PassThroughClient } from 'google-auth-library'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, Server } from './server.js'
import { type Servers, s3Credentials, startServers } from './servers.js'

/** Each server through its official client, and what the tests of faults do to them. */
const open = {
  s3: (servers: Servers) =>
    new S3Client({
      endpoint: servers.s3.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: s3Credentials,
      maxAttempts: 1,
    }),
  gcs: (servers: Servers) =>
    new Storage({ projectId: 'test', apiEndpoint: servers.gcs.endpoint, retryOptions: { autoRetry: false } }),
  bigquery: (servers: Servers) =>
    new BigQuery({ projectId: 'test', apiEndpoint: servers.bigquery.endpoint, authClient: new PassThroughClient() }),
}

let servers: Servers
beforeAll(async () => {
  servers = await startServers({ s3: true, gcs: true, bigquery: true })
})
afterAll(() => servers?.stop())

async function rows(client: BigQuery, query: string): Promise<unknown[]> {
  const [job] = await client.createQueryJob({ query, defaultDataset: { datasetId: 'shop' } })
  const [found] = await job.getQueryResults()
  return found
}

describe('a server that is killed and started again, on the same port, still has', () => {
  it('the objects of S3', async () => {
    const client = open.s3(servers)
    await client.send(new CreateBucketCommand({ Bucket: 'shop' }))
    await client.send(new PutObjectCommand({ Bucket: 'shop', Key: 'a b/é.txt', Body: 'kept' }))
    const read = async () => {
      const found = await client.send(new GetObjectCommand({ Bucket: 'shop', Key: 'a b/é.txt' }))
      return found.Body?.transformToString()
    }
    expect(await read()).toBe('kept')
    await servers.s3.kill()
    await expect(read()).rejects.toThrow(/ECONN|socket hang up/)
    await servers.s3.start()
    expect(await read()).toBe('kept')
  })

  it('the objects of GCS', async () => {
    const client = open.gcs(servers)
    await client.createBucket('shop')
    const file = client.bucket('shop').file('a b/é.txt')
    await file.save('kept', { resumable: false })
    const read = async () => String((await file.download())[0])
    expect(await read()).toBe('kept')
    await servers.gcs.kill()
    await expect(read()).rejects.toThrow(/ECONN|socket hang up/)
    await servers.gcs.start()
    expect(await read()).toBe('kept')
  })

  it('the tables of BigQuery', async () => {
    const client = open.bigquery(servers)
    await client.createDataset('shop')
    await rows(client, 'CREATE TABLE sales (id INT64, amount NUMERIC(38, 9))')
    await rows(client, "INSERT INTO sales (id, amount) VALUES (1, NUMERIC '12.5')")
    const read = () => rows(client, 'SELECT id FROM sales')
    expect(await read()).toEqual([{ id: 1 }])
    await servers.bigquery.kill()
    await servers.bigquery.start()
    expect(await read()).toEqual([{ id: 1 }])
  })
})

it('BigQuery loads what lies in GCS', async () => {
  const bucket = open.gcs(servers).bucket('staging')
  await bucket.create()
  await bucket.file('folder/rows.ndjson').save('{"id": 7}\n{"id": 8}\n', { resumable: false })
  const client = open.bigquery(servers)
  const [dataset] = await client.createDataset('loading')
  const [table] = await dataset.createTable('rows', { schema: [{ name: 'id', type: 'INTEGER' }] })
  await table.load(bucket.file('folder/rows.ndjson'), { sourceFormat: 'NEWLINE_DELIMITED_JSON' })
  expect(await rows(client, 'SELECT id FROM loading.rows ORDER BY id')).toEqual([{ id: 7 }, { id: 8 }])
})

describe('a server that cannot start', () => {
  const sh = (script: string, port: number, folder: string) =>
    new Server({
      name: 'broken',
      command: 'sh',
      args: ['-c', script],
      env: {},
      port,
      healthPath: '/',
      logFile: join(folder, 'broken.log'),
    })

  it('is an error that says what it wrote', async () => {
    const broken = sh('echo "no such bucket folder" >&2; exit 3', await freePort(), servers.folder)
    await expect(broken.start()).rejects.toThrow(/broken did not start: it ended with 3[\s\S]*no such bucket folder/)
    expect(broken.pid).toBeUndefined()
  })

  it('is not taken for the one that has its port', async () => {
    const other = createServer((_request, response) => response.end('another program'))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const broken = sh('sleep 60', port, servers.folder)
    await expect(broken.start()).rejects.toThrow(`another program has port ${port}`)
    other.close()
  })
})

it('a stopped server leaves no process and no folder', async () => {
  const own = await startServers({ gcs: true })
  const pid = own.gcs.pid ?? 0
  await own.stop()
  expect(isAlive(pid)).toBe(false)
  await expect(readFile(own.gcs.logFile)).rejects.toThrow('ENOENT')
})

it('a server ends with the process that started it, though that is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'goldgate servers '))
  const script = fileURLToPath(new URL('start-and-wait.ts', import.meta.url))
  const starter = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(starter.stdout, 'data')
  const pid = Number(line)
  expect(isAlive(pid)).toBe(true)
  starter.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  await rm(folder, { recursive: true, force: true })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
