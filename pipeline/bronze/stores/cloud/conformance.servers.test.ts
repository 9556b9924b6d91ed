import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { clouds } from '../../../../tests/stores/clouds.js'
import { storeCases } from '../conformance.js'

for (const { cloud, isMissing, newBucket } of clouds) {
  describe.skipIf(isMissing)(`${cloud} conforms`, () => {
    const bucket = newBucket()
    let directory: string

    beforeAll(async () => {
      await bucket.make()
      directory = await mkdtemp(join(tmpdir(), 'cloud store '))
    })

    afterAll(async () => {
      await bucket.remove()
      await rm(directory, { recursive: true, force: true })
    })

    it.each(storeCases)('$name', async ({ run }) => {
      await run(bucket.open({ prefix: randomUUID() }), join(directory, 'cache'))
    })
  })
}
