import { describe, it } from 'vitest'
import { conformanceCases } from './cases.js'
import type { AdapterUnderTest, ConformanceCase } from './subject.js'

/** Declares the whole suite for one adapter, as vitest tests. A new adapter calls it and passes it unedited. */
export function conformanceSuite(adapter: AdapterUnderTest): void {
  describe(`a warehouse of kind ${adapter.name}`, () => {
    it.each(conformanceCases.map((each) => [each.name, each] as const))('%s', (_, each) => runCase(adapter, each))
  })
}

/** Runs one case on a warehouse of its own; throws when the adapter fails it. */
export async function runCase(adapter: AdapterUnderTest, each: ConformanceCase): Promise<void> {
  const subject = await adapter.create()
  try {
    await each.run(subject)
  } finally {
    await subject.close()
  }
}
