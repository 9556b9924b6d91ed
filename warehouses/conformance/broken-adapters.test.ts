import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../tests/setup/database.js'
import { postgresUnderTest } from './adapters-under-test.js'
import { brokenAdapters } from './broken-adapters.js'
import { conformanceCases } from './cases.js'
import type { AdapterUnderTest, ConformanceCase } from './subject.js'
import { runCase } from './suite.js'

const postgres = postgresUnderTest(createTestDatabase)
/** Has nothing to do with any of the mistakes: an adapter that fails everything would prove nothing. */
const bystander = 'a statement that the engine refuses is a WAREHOUSE_ERROR'

describe.each(brokenAdapters)('an adapter in which $mistake', ({ foundBy, breakWarehouse }) => {
  const broken: AdapterUnderTest = {
    name: 'broken',
    async create() {
      const subject = await postgres.create()
      return {
        directory: subject.directory,
        open: async () => breakWarehouse(await subject.open()),
        openUnavailable: async () => breakWarehouse(await subject.openUnavailable()),
        close: () => subject.close(),
      }
    },
  }

  it.each(foundBy)('is found by: %s', async (name) => {
    await expect(runCase(broken, caseNamed(name))).rejects.toThrow()
  })

  it(`is not blamed for: ${bystander}`, () => runCase(broken, caseNamed(bystander)))
})

function caseNamed(name: string): ConformanceCase {
  const found = conformanceCases.find((each) => each.name === name)
  if (found === undefined) throw new Error(`There is no conformance case called ${name}.`)
  return found
}
