import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { checkBuild } from '../../pipeline/quality/check-build.js'
import { generateDemo } from '../../pipeline/sources/demo/generate.js'
import { build, buildGold, fillSilver, openDuckDb, readGold } from './engine.js'
import { type OracleSource, readRawFiles } from './input.js'
import { recomputeGold } from './recompute.js'

describe('the demo’s raw files', () => {
  let folder: string
  let demo: OracleSource
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goldgate oracle '))
    const counts = { products: 40, customers: 60, stores: 6, campaigns: 5, sales: 400, inventory: 50, returnRate: 0.1 }
    await generateDemo({ ...counts, seed: 7 }, folder)
    demo = await readRawFiles(folder, 'demo')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('give Gold that equals the oracle and pass every check but the one for oversold stock, which the demo has on purpose', async () => {
    const engine = await openDuckDb()
    try {
      await fillSilver(engine, [demo])
      await buildGold(engine)
      const gold = await readGold(engine)
      expect(gold).toEqual(recomputeGold([demo]))
      expect(Object.values(gold).every((rows) => rows.length > 0)).toBe(true)
      const { results } = await checkBuild({
        entities,
        models: goldModels,
        dialect: engine.dialect,
        build,
        counts: [],
        query: async (statement) => engine.read(statement.sql),
      })
      const failed = results.filter((result) => result.status === 'failed').map((result) => result.name)
      expect(failed).toEqual(['silver.inventory.row.stock_not_negative'])
    } finally {
      await engine.close()
    }
  })
})
