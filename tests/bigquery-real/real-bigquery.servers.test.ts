import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { compileDigest } from '../../warehouses/compiler/digest.js'
import { compileCount, compileRows } from '../../warehouses/compiler/rows.js'
import { conformanceSuite } from '../../warehouses/conformance/suite.js'
import type { Statement } from '../../warehouses/contract/values.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { filterOf, pageOf } from '../googlesql/arbitrary.js'
import { realBigquery, realUnderTest, TestDatasets } from './real-bigquery.js'

/**
 * Against the real service, where GOLDGATE_BIGQUERY_PROJECT names a project in which datasets may be made: it is the last judge of everything
 * that an emulator and an analyzer cannot know. Its datasets are its own, and it takes them away.
 */
const real = realBigquery()

if (real === undefined)
  describe.skip('the real BigQuery (set GOLDGATE_BIGQUERY_PROJECT)', () => {
    it('conforms', () => undefined)
  })
else {
  // A statement there takes a second, and a case has dozens.
  vi.setConfig({ testTimeout: 900_000, hookTimeout: 300_000 })
  let datasets: TestDatasets
  beforeAll(async () => {
    datasets = await TestDatasets.open(real)
    await datasets.removeLeftovers()
  })
  afterAll(() => datasets?.removeLeftovers())

  const underTest = realUnderTest(real, () => datasets)
  conformanceSuite(underTest)

  describe('the real BigQuery', () => {
    it('builds every Gold model from Silver without rows, and answers digests, pages and counts of all of them', async () => {
      const subject = await underTest.create()
      try {
        const warehouse = await subject.open()
        const { dialect } = warehouse
        const build = { buildId: 'b1', tag: 'b1_1' }
        const writer = await warehouse.openWriter(1n, entities)
        const plan = goldPlan({ models: goldModels, entities: entities.map(({ name }) => name), dialect, build })
        for (const { model, select } of plan)
          expect(await writer.buildTable(build, model, select)).toEqual({ rows: 0n })
        await writer.finishBuild(build)
        await writer.close()
        const ask = (statement: Statement) => warehouse.query(statement, [build], { timeoutMs: 120_000 })
        for (const model of goldModels) {
          expect(await ask(compileDigest(model, build, dialect))).toMatchObject([{ rows: 0n, checksum: null }])
          for (const page of fc.sample(pageOf(model, build), { seed: 20261121, numRuns: 10 }))
            expect(await ask(compileRows(page, dialect))).toEqual([])
          for (const filter of fc.sample(filterOf(model), { seed: 20261121, numRuns: 5 }))
            expect(await ask(compileCount(model, build, filter, dialect))).toEqual([{ count: 0n }])
        }
      } finally {
        await subject.close()
      }
    })
  })
}
