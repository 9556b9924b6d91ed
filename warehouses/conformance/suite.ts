import { describe, it } from 'vitest'
import { conformanceCases } from './cases.js'
import type { AdapterUnderTest, ConformanceCase } from './subject.js'

/** Declares the whole suite for one adapter, as vitest tests. A new adapter calls it and passes it unedited. */
export function conformanceSuite(adapter: AdapterUnderTest): void {
  describe(`a warehouse of kind ${adapter.name}`, () => {
    for (const each of conformanceCases) {
      const reason = skipReason(adapter, each)
      it.skipIf(reason !== undefined)(each.name, () => runCase(adapter, each))
    }
  })
}

/** Why a case is not run against an adapter: the capability that it lacks, or what its test server cannot do. */
function skipReason({ capabilities, beyondServer }: AdapterUnderTest, { name, needs }: ConformanceCase) {
  if (needs !== undefined && capabilities?.[needs] === false) return `needs ${needs}`
  return beyondServer?.[name]
}

/** Every case that `conformanceSuite` skips for an adapter, with its reason: for a snapshot in the repository. */
export function skippedCases(adapter: AdapterUnderTest): Readonly<Record<string, string>> {
  const known = new Set(conformanceCases.map((each) => each.name))
  const unknown = Object.keys(adapter.beyondServer ?? {}).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`There are no conformance cases called ${unknown.join(', ')}.`)
  return Object.fromEntries(
    conformanceCases.flatMap((each) => {
      const reason = skipReason(adapter, each)
      return reason === undefined ? [] : [[each.name, reason] as const]
    }),
  )
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
