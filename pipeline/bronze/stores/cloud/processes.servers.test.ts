import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clouds } from '../../../../tests/stores/clouds.js'
import { bodyOfBytes } from '../../../../tests/stores/content.js'
import { S3TestBucket, withoutS3 } from '../../../../tests/stores/s3-bucket.js'
import { killedUpload, uploadElsewhere } from '../../../../tests/stores/upload-child.js'

const megabyte = 1024 * 1024

for (const { cloud, isMissing, newBucket } of clouds) {
  describe.skipIf(isMissing)(`a process with a store in ${cloud}`, () => {
    const bucket = newBucket()
    beforeAll(() => bucket.make())
    afterAll(() => bucket.remove())

    it('needs no more memory for 200 MB than for 40 MB', async () => {
      const some = await uploadElsewhere(bucket, { key: 'some', bytes: 40 * megabyte })
      const much = await uploadElsewhere(bucket, { key: 'much', bytes: 200 * megabyte })
      // -10 to 17 MB in six measurements.
      expect(much - some).toBeLessThan(40 * megabyte)
      expect(much).toBeLessThan(300 * megabyte)
    }, 240_000)

    it('leaves nothing under the key when it is killed in the middle of an upload', async () => {
      const bytes = 96 * megabyte
      await killedUpload(bucket, { key: 'killed', bytes, sha256: '0'.repeat(64) }, 72 * megabyte)
      const store = bucket.open()
      expect(await store.head('killed')).toBeUndefined()
      expect((await store.put('killed', bodyOfBytes(1_000))).created).toBe(true)
    })
  })
}

describe.skipIf(withoutS3)('multipart uploads that killed processes left in S3', () => {
  const bucket = new S3TestBucket()
  beforeAll(() => bucket.make())
  afterAll(() => bucket.remove())

  it('are removed when they are older than any upload takes, below the prefix of the store only', async () => {
    await killedUpload(bucket, { key: 'ours/1', bytes: 96 * megabyte, sha256: '0'.repeat(64) }, 72 * megabyte)
    await killedUpload(bucket, { key: 'theirs/1', bytes: 96 * megabyte, sha256: '0'.repeat(64) }, 72 * megabyte)
    expect(await bucket.unfinishedUploads()).toBe(2)
    expect(await bucket.open({ prefix: 'ours' }).sweepTemporary?.()).toBe(0)
    const later = bucket.open({ prefix: 'ours' }, { abandonedAfterMs: -60_000 })
    expect(await later.sweepTemporary?.()).toBe(1)
    expect(await bucket.unfinishedUploads()).toBe(1)
  })

  it('are removed at once when the writer itself fails', async () => {
    const before = await bucket.unfinishedUploads()
    const put = bucket.open().put('wrong', bodyOfBytes(40 * megabyte), { sha256: '0'.repeat(64) })
    await expect(put).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
    expect(await bucket.unfinishedUploads()).toBe(before)
  })
})
