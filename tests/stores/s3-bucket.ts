import { randomUUID } from 'node:crypto'
import { DeleteBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { s3Client } from '../../pipeline/bronze/stores/s3/client.js'
import { openS3, type S3Limits } from '../../pipeline/bronze/stores/s3/open.js'
import { type S3Options, s3Options } from '../../pipeline/bronze/stores/s3/options.js'

const endpoint = process.env.GOLDGATE_TEST_S3_ENDPOINT

/** True where no S3 server is given: `npm run test:servers` starts one. */
export const withoutS3 = endpoint === undefined

/** A bucket of its own on the test server. */
export class S3TestBucket {
  readonly name = `goldgate-${randomUUID()}`

  async make(): Promise<void> {
    process.env.AWS_ACCESS_KEY_ID = process.env.GOLDGATE_TEST_S3_ACCESS_KEY
    process.env.AWS_SECRET_ACCESS_KEY = process.env.GOLDGATE_TEST_S3_SECRET_KEY
    await this.open().setup()
  }

  options(more: Record<string, unknown> = {}): S3Options {
    return s3Options.parse({ bucket: this.name, endpoint, ...more })
  }

  open(more: Record<string, unknown> = {}, limits: Partial<S3Limits> = {}): ObjectStore {
    return openS3('cloud', this.options(more), limits)
  }

  client(): S3Client {
    return s3Client(this.options(), { requestMs: 10_000, connectMs: 5_000 })
  }

  /** With everything in it. */
  async remove(): Promise<void> {
    const store = this.open({}, { abandonedAfterMs: -60_000 })
    await store.sweepTemporary?.()
    const keys: string[] = []
    for await (const { key } of store.list('')) keys.push(key)
    for (let start = 0; start < keys.length; start += 20) {
      await Promise.all(keys.slice(start, start + 20).map((key) => store.delete(key)))
    }
    await this.client().send(new DeleteBucketCommand({ Bucket: this.name }))
  }
}
