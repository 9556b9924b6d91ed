import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GcsBucket } from '../gcs/bucket.js'
import { gcsClient } from '../gcs/open.js'
import { gcsOptions } from '../gcs/options.js'
import { S3Bucket } from '../s3/bucket.js'
import { s3Client } from '../s3/client.js'
import { s3Options } from '../s3/options.js'

/** What began an object: the servers of the other tests take options that only the clouds go by, and forget them. */
interface Begun {
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

let server: Server
let endpoint: string
let begun: Begun[]

beforeEach(async () => {
  begun = []
  server = createServer(async (request, response) => {
    const body = await text(request)
    begun.push({ query: new URL(request.url ?? '', 'http://x').searchParams, headers: request.headers, body })
    response.writeHead(400, { 'content-type': 'text/plain' }).end('no')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
  return () => {
    server.closeAllConnections()
    server.close()
  }
})
afterEach(() => vi.unstubAllEnvs())

const note = { sha256: '0'.repeat(64), put: 'p' }
async function* parts() {
  yield Buffer.alloc(9_000_000)
}

/** Both ways of writing an object, each with the request that begins it. */
async function beginBoth(bucket: S3Bucket | GcsBucket): Promise<readonly Begun[]> {
  await expect(bucket.create('small', Buffer.from('x'), note)).rejects.toThrow()
  const [small] = begun.splice(0)
  await expect(bucket.createFromParts('large', parts(), note)).rejects.toThrow()
  const [large] = begun.splice(0)
  return [small, large].filter((each) => each !== undefined)
}

describe('Storage class and encryption', () => {
  const s3 = (more: object) => {
    const options = s3Options.parse({ bucket: 'b', endpoint, ...more })
    return new S3Bucket('raw', s3Client(options, { requestMs: 5_000, connectMs: 5_000, attempts: 1 }), options, 5_000)
  }
  const gcs = (more: object) => {
    const options = gcsOptions.parse({ bucket: 'b', apiEndpoint: endpoint, anonymous: true, ...more })
    return new GcsBucket('raw', gcsClient(options, 5_000, 0), options)
  }

  it('go to S3 with every object, small or in parts', async () => {
    const requests = await beginBoth(s3({ storageClass: 'STANDARD_IA', encryption: 'aws:kms', kmsKeyId: 'key-1' }))
    expect(requests).toHaveLength(2)
    for (const { headers } of requests)
      expect(headers).toMatchObject({
        'x-amz-storage-class': 'STANDARD_IA',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
        'x-amz-meta-sha256': note.sha256,
      })
  })

  it('go to GCS with every object, small or in parts', async () => {
    const kmsKeyName = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k'
    const requests = await beginBoth(gcs({ storageClass: 'NEARLINE', kmsKeyName }))
    expect(requests.map(({ query }) => query.get('uploadType'))).toEqual(['multipart', 'resumable'])
    for (const { query, body } of requests) {
      expect(query.get('kmsKeyName')).toBe(kmsKeyName)
      expect(body).toContain('"storageClass":"NEARLINE"')
      expect(body).toContain(`"sha256":"${note.sha256}"`)
    }
  })

  it('are left to the bucket where nothing is said', async () => {
    for (const { headers } of await beginBoth(s3({})))
      expect(Object.keys(headers).filter((name) => /storage-class|server-side/.test(name))).toEqual([])
    for (const { query, body } of await beginBoth(gcs({})))
      expect([query.get('kmsKeyName'), body.includes('storageClass')]).toEqual([null, false])
  })
})
