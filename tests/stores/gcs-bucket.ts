import { randomUUID } from 'node:crypto'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { type GcsLimits, gcsClient, openGcs } from '../../pipeline/bronze/stores/gcs/open.js'
import { type GcsOptions, gcsOptions } from '../../pipeline/bronze/stores/gcs/options.js'

const apiEndpoint = process.env.GOLDGATE_TEST_GCS_ENDPOINT

/** True where no GCS server is given: `npm run test:servers` starts one. */
export const withoutGcs = apiEndpoint === undefined

/** A bucket of its own on the test server. */
export class GcsTestBucket {
  readonly name = `goldgate-${randomUUID()}`

  async make(): Promise<void> {
    await this.open().setup()
  }

  options(more: Record<string, unknown> = {}): GcsOptions {
    return gcsOptions.parse({ bucket: this.name, apiEndpoint, anonymous: true, ...more })
  }

  open(more: Record<string, unknown> = {}, limits: Partial<GcsLimits> = {}): ObjectStore {
    return openGcs('cloud', this.options(more), limits)
  }

  /** With everything in it. */
  async remove(): Promise<void> {
    const store = this.open()
    const keys: string[] = []
    for await (const { key } of store.list('')) keys.push(key)
    for (let start = 0; start < keys.length; start += 20) {
      await Promise.all(keys.slice(start, start + 20).map((key) => store.delete(key)))
    }
    await gcsClient(this.options(), 10_000, 0).bucket(this.name).delete()
  }
}
