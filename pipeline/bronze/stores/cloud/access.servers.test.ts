import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { GcsTestBucket, withoutGcs } from '../../../../tests/stores/gcs-bucket.js'
import { S3TestBucket, withoutS3 } from '../../../../tests/stores/s3-bucket.js'
import { openGcs } from '../gcs/open.js'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'no credentials '))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
  await rm(home, { recursive: true })
})

describe.skipIf(withoutS3)('access to S3', () => {
  const bucket = new S3TestBucket()
  const secret = 'a-secret-that-nobody-may-read'
  beforeAll(() => bucket.make())
  afterAll(() => bucket.remove())

  async function refused(): Promise<string> {
    const store = bucket.open()
    const messages: string[] = []
    for (const work of [
      () => store.put('a', Readable.from(['x'])),
      () => store.get('a'),
      () => store.head('a'),
      async () => {
        for await (const _ of store.list(''));
      },
      () => store.delete('a'),
      () => store.setup(),
    ]) {
      const error: unknown = await work().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ code: 'ACCESS_DENIED' })
      if (error instanceof Error) messages.push(error.message, String(error.stack), JSON.stringify(error.cause))
    }
    return messages.join('\n')
  }

  it('says that the secret key is wrong, without telling it', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret)
    const messages = await refused()
    expect(messages).toContain('Check AWS_SECRET_ACCESS_KEY')
    expect(messages).not.toContain(secret)
  })

  it('says that the access key is not known', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIANOBODY')
    const messages = await refused()
    expect(messages).toContain('does not know the access key')
    expect(messages).not.toContain('AKIANOBODY')
  })

  it('says that there are no credentials, and where they may come from', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined)
    vi.stubEnv('HOME', home)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    expect(await refused()).toContain('there are no AWS credentials. Set AWS_PROFILE')
  })

  it('is diagnosed once with a key that is wrong, which no permission mends', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret)
    const { problems } = await bucket.open({ prefix: 'p' }).diagnose()
    expect(problems).toEqual([expect.stringContaining('Check AWS_SECRET_ACCESS_KEY')])
    expect(problems[0]).not.toContain('grant')
  })

  it('works with a clock that is off', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3 * 3_600_000 })
    const store = bucket.open()
    await store.put('skewed', Readable.from(['x']))
    expect(await store.head('skewed')).toMatchObject({ bytes: 1 })
  })
})

describe.skipIf(withoutGcs)('access to GCS', () => {
  const bucket = new GcsTestBucket()

  it('says that the key file is not there', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(home, 'key.json'))
    const { anonymous: _, ...options } = bucket.options()
    const store = openGcs('cloud', options, { retries: 1 })
    const denied = { code: 'ACCESS_DENIED', message: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS') }
    await expect(store.put('a', Readable.from(['x']))).rejects.toMatchObject(denied)
    await expect(store.get('a')).rejects.toMatchObject(denied)
    await expect(store.head('a')).rejects.toMatchObject(denied)
    await expect(store.delete('a')).rejects.toMatchObject(denied)
    const { problems } = await store.diagnose()
    expect(problems).toEqual([expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS')])
    expect(problems[0]).not.toContain('roles/')
  })
})
