import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GcsErrors } from './errors.js'
import { gcsClient, openGcs } from './open.js'
import { gcsOptions } from './options.js'

const options = gcsOptions.parse({ bucket: 'retail' })
const errors = new GcsErrors('raw', options)

/** As Google documents its answers, in the shapes that the client gives them. */
const answers: [what: string, error: object, code: string, said: RegExp][] = [
  [
    'a permission',
    {
      code: 403,
      message:
        "sa@p.iam.gserviceaccount.com does not have storage.objects.create access. Permission 'storage.objects.create' denied",
    },
    'ACCESS_DENIED',
    /storage\.objects\.create.*docs\/gcp\.md/,
  ],
  [
    'a quota',
    { code: 403, message: 'Rate', errors: [{ reason: 'rateLimitExceeded' }] },
    'STORE_UNAVAILABLE',
    /too many requests/,
  ],
  ['a server in trouble', { code: '503', message: 'Backend Error' }, 'STORE_UNAVAILABLE', /503: Backend Error/],
  [
    'an answer in XML',
    { code: 400, message: "<?xml version='1.0'?><Error><Code>X</Code><Message>No good.</Message></Error>" },
    'STORE_ERROR',
    /: 400 No good$/,
  ],
  [
    'an answer in JSON',
    { code: 400, message: '{"error": {"message": "No \\"good\\"."}}' },
    'STORE_ERROR',
    /400 No \\"good\\"$/,
  ],
  [
    'a revoked token',
    { code: '400', message: 'invalid_grant' },
    'ACCESS_DENIED',
    /gcloud auth application-default login/,
  ],
  [
    'a clock that is off',
    {
      code: '400',
      message:
        'invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
    },
    'STORE_ERROR',
    /clock of this machine/,
  ],
  [
    'a wrong checksum',
    { code: 400, message: 'Provided MD5 hash "x" doesn\'t match calculated MD5 hash "y".' },
    'CHECKSUM_MISMATCH',
    /other bytes/,
  ],
  ['a taken name', { code: 409, message: 'Sorry, that name is not available.' }, 'STORE_ERROR', /is taken/],
]

describe('an error of Google Cloud Storage says what to do', () => {
  it.each(answers)('%s', (_what, error, code, said) => {
    const thrown = Object.assign(new Error(), error)
    expect(errors.explain('Cannot write a', thrown)).toMatchObject({ code, message: expect.stringMatching(said) })
    // Some errors of the client are plain objects.
    expect(errors.explain('Cannot write a', error)).toMatchObject({ code, message: expect.stringMatching(said) })
  })

  it('keeps to itself the request, and addresses that let their holder in', () => {
    const error = Object.assign(new Error('network timeout at: https://storage.googleapis.com/upload?upload_id=ABC'), {
      config: { headers: { Authorization: 'Bearer TOKEN' } },
    })
    const explained = errors.explain('Cannot write a', error)
    expect(explained.code).toBe('STORE_UNAVAILABLE')
    expect(inspect(explained, { depth: 10, showHidden: true })).not.toMatch(/ABC|TOKEN/)
  })
})

describe('without credentials that work', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'no credentials '))
    for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT']) vi.stubEnv(name, undefined)
    vi.stubEnv('HOME', home)
    vi.stubEnv('CLOUDSDK_CONFIG', home)
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true })
  })

  const signIn = () =>
    gcsClient(options, 1_000, 1)
      .authClient.getClient()
      .catch((error: unknown) => errors.explain('x', error))

  it('says so when there are none', async () => {
    expect(await signIn()).toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringMatching(/no Google credentials: run/),
    })
  })

  it.each(['not JSON', '{}'])('says so when the key file holds %s', async (content) => {
    await writeFile(join(home, 'key.json'), content)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(home, 'key.json'))
    expect(await signIn()).toMatchObject({ code: 'ACCESS_DENIED' })
  })
})

describe('options of GCS', () => {
  it.each([
    [{ bucket: 'b', anonymous: true }, /needs apiEndpoint/],
    [{ bucket: 'b', kmsKeyName: 'key' }, /cryptoKeys/],
    [{ bucket: 'b', storageClass: 'GLACIER' }, /storageClass/],
    [{ bucket: 'b', credentials: {} }, /credentials/],
    [{ bucket: 'b', prefix: 'a*b' }, /must not hold \*/],
    [{ bucket: 'b', apiEndpoint: 'http://:hunter2@h' }, /must not hold credentials/],
    [{ bucket: 'b', apiEndpoint: 'http://u:/hunter2@h' }, /must not hold credentials/],
    [{ bucket: 'b', apiEndpoint: '127.0.0.1:4443' }, /must be a URL such as/],
    [{ bucket: 'b', apiEndpoint: 'http://' }, /must be a URL such as/],
  ])('refuses %j', (raw, message) => {
    expect(() => gcsOptions.parse(raw)).toThrow(message)
  })
})

/** The test server asks nobody for credentials: this one answers as Google documents it. */
it('says that a server lets nobody in without credentials, whatever is asked of it', async () => {
  const message = 'Anonymous caller does not have storage.objects.list access to the Google Cloud Storage bucket.'
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { code: 401, message, errors: [{ message, reason: 'required' }] } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const apiEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = openGcs('cloud', gcsOptions.parse({ bucket: 'retail', apiEndpoint, anonymous: true }))
    const refused = { code: 'ACCESS_DENIED', message: expect.stringMatching(/Anonymous caller.*Leave "anonymous" out/) }
    await expect(store.put('a', Readable.from(['x']))).rejects.toMatchObject(refused)
    await expect(store.get('a')).rejects.toMatchObject(refused)
    await expect(store.head('a')).rejects.toMatchObject(refused)
    await expect(store.list('').next()).rejects.toMatchObject(refused)
    await expect(store.delete('a')).rejects.toMatchObject(refused)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

/** Answers a setup: no bucket yet, the name is taken when it would be made, and then what `second` says of the bucket. */
async function setupBeside(second: { readonly status: number; readonly body: object }): Promise<readonly string[]> {
  let isTaken = false
  const server = createServer((request, response) => {
    request.resume()
    const isMaking = request.method === 'POST'
    const status = isMaking ? 409 : isTaken ? second.status : 404
    isTaken ||= isMaking
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(status < 300 ? second.body : { error: { code: status, message: `says ${status}` } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const apiEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const parsed = gcsOptions.parse({ bucket: 'retail', project: 'p', apiEndpoint, anonymous: true })
    return await openGcs('cloud', parsed).setup()
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('a bucket whose name is taken while it is made', () => {
  it('is ours where it lets us in: another setup made it', async () => {
    expect(await setupBeside({ status: 200, body: { kind: 'storage#objects' } })).toHaveLength(1)
  })

  it('is a stranger’s where it does not', async () => {
    await expect(setupBeside({ status: 403, body: {} })).rejects.toThrow(/the name retail is taken/)
  })
})
