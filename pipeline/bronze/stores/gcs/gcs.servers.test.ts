import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { GcsTestBucket, withoutGcs } from '../../../../tests/stores/gcs-bucket.js'
import { storeCases } from '../conformance.js'

describe.skipIf(withoutGcs)('GCS conforms', () => {
  const bucket = new GcsTestBucket()
  let directory: string

  beforeAll(async () => {
    await bucket.make()
    directory = await mkdtemp(join(tmpdir(), 'gcs store '))
  })

  afterAll(async () => {
    await bucket.remove()
    await rm(directory, { recursive: true, force: true })
  })

  it.each(storeCases)('$name', async ({ run }) => {
    await run(bucket.open({ prefix: randomUUID() }), join(directory, 'cache'))
  })
})
