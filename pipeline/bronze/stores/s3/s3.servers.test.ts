import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { S3TestBucket, withoutS3 } from '../../../../tests/stores/s3-bucket.js'
import { storeCases } from '../conformance.js'

describe.skipIf(withoutS3)('S3 conforms', () => {
  const bucket = new S3TestBucket()
  let directory: string

  beforeAll(async () => {
    await bucket.make()
    directory = await mkdtemp(join(tmpdir(), 's3 store '))
  })

  afterAll(async () => {
    await bucket.remove()
    await rm(directory, { recursive: true, force: true })
  })

  it.each(storeCases)('$name', async ({ run }) => {
    await run(bucket.open({ prefix: randomUUID() }), join(directory, 'cache'))
  })
})
