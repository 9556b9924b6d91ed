import { randomUUID } from 'node:crypto'
import type { Storage } from '@google-cloud/storage'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { type GcsLimits, gcsClient, openGcs } from '../../pipeline/bronze/stores/gcs/open.js'
import { type GcsOptions, gcsOptions } from '../../pipeline/bronze/stores/gcs/options.js'
import { removeAll, type TestBucket } from './test-bucket.js'

/** True where no GCS server is given: `npm run test:servers` starts one. */
export const withoutGcs = process.env.GOLDGATE_TEST_GCS_ENDPOINT === undefined

export class GcsTestBucket implements TestBucket {
  readonly cloud = 'GCS'
  readonly name = `goldgate-${randomUUID()}`
  readonly endpoint = process.env.GOLDGATE_TEST_GCS_ENDPOINT ?? ''

  async make(): Promise<void> {
    await this.open().setup()
  }

  open(
    { endpoint, ...options }: Record<string, unknown> & { endpoint?: string } = {},
    limits: Partial<GcsLimits> = {},
  ): ObjectStore {
    return openGcs('cloud', this.options({ ...options, ...(endpoint && { apiEndpoint: endpoint }) }), limits)
  }

  async putRaw(key: string, content: string, sha256: string): Promise<void> {
    const metadata = { metadata: { sha256 } }
    await this.client().bucket(this.name).file(key).save(content, { resumable: false, metadata })
  }

  async remove(): Promise<void> {
    await removeAll(this.open())
    await this.client().bucket(this.name).delete()
  }

  private client(): Storage {
    return gcsClient(this.options(), 10_000, 0)
  }

  options(more: Record<string, unknown> = {}): GcsOptions {
    return gcsOptions.parse({ bucket: this.name, apiEndpoint: this.endpoint, anonymous: true, ...more })
  }
}
