import { randomUUID } from 'node:crypto'
import { DeleteBucketCommand, ListMultipartUploadsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { s3Client } from '../../pipeline/bronze/stores/s3/client.js'
import { openS3, type S3Limits } from '../../pipeline/bronze/stores/s3/open.js'
import { type S3Options, s3Options } from '../../pipeline/bronze/stores/s3/options.js'
import { removeAll, type TestBucket } from './test-bucket.js'

/** True where no S3 server is given: `npm run test:servers` starts one. */
export const withoutS3 = process.env.GOLDGATE_TEST_S3_ENDPOINT === undefined

export class S3TestBucket implements TestBucket {
  readonly cloud = 'S3'
  readonly name = `goldgate-${randomUUID()}`
  readonly endpoint = process.env.GOLDGATE_TEST_S3_ENDPOINT ?? ''

  async make(): Promise<void> {
    process.env.AWS_ACCESS_KEY_ID = process.env.GOLDGATE_TEST_S3_ACCESS_KEY
    process.env.AWS_SECRET_ACCESS_KEY = process.env.GOLDGATE_TEST_S3_SECRET_KEY
    await this.open().setup()
  }

  open(options: Record<string, unknown> = {}, limits: Partial<S3Limits> = {}): ObjectStore {
    return openS3('cloud', this.options(options), limits)
  }

  async putRaw(key: string, content: string, sha256: string): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.name, Key: key, Body: content, Metadata: { sha256 } })
    await this.client().send(command)
  }

  /** Begun and neither completed nor aborted. */
  async unfinishedUploads(): Promise<number> {
    const { Uploads } = await this.client().send(new ListMultipartUploadsCommand({ Bucket: this.name }))
    return Uploads?.length ?? 0
  }

  async remove(): Promise<void> {
    const store = this.open({}, { abandonedAfterMs: -60_000 })
    await store.sweepTemporary?.()
    await removeAll(store)
    await this.client().send(new DeleteBucketCommand({ Bucket: this.name }))
  }

  client(): S3Client {
    return s3Client(this.options(), { requestMs: 10_000, connectMs: 5_000 })
  }

  options(more: Record<string, unknown> = {}): S3Options {
    return s3Options.parse({ bucket: this.name, endpoint: this.endpoint, ...more })
  }
}
