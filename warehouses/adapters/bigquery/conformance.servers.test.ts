import { describe, expect, it } from 'vitest'
import { conformanceSuite, skippedCases } from '../../conformance/suite.js'
import { emulatorUnderTest } from './testing/emulator.js'

const endpoint = process.env.GOLDGATE_TEST_BIGQUERY_ENDPOINT

describe('what BigQuery is not tested for', () => {
  it('is this, each for its reason', async () => {
    await expect(`${JSON.stringify(skippedCases(emulatorUnderTest('')), null, 2)}\n`).toMatchFileSnapshot(
      'conformance-skips.json',
    )
  })
})

if (endpoint === undefined)
  describe.skip('a warehouse of kind bigquery (GOLDGATE_TEST_BIGQUERY_ENDPOINT is unset: npm run test:servers)', () => {
    it('conforms', () => undefined)
  })
else conformanceSuite(emulatorUnderTest(endpoint))
