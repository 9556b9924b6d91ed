import type { ModelDigest, ModelFigures, ParityReport } from '../../warehouses/contract/parity.js'
import { differingFigures } from './compare-digests.js'

interface Held {
  readonly warehouse: string
  readonly status: 'built' | 'passed' | 'failed'
  readonly digests: readonly ModelDigest[]
}

/** What warehouses have of a build, beside each other; `models` in the order in which they are shown. */
export function parityReport(buildId: string, held: readonly Held[], models: readonly string[]): ParityReport {
  const compared = models.flatMap((model) => {
    const figures = held.flatMap(({ warehouse, digests }) =>
      digests.filter((digest) => digest.model === model).map((digest) => ({ warehouse, ...digest })),
    )
    const [first] = figures
    if (!first) return []
    const against = figures.map((each): ModelFigures => ({ ...each, differs: differingFigures(first, each) }))
    return [{ model, equal: against.every(({ differs }) => differs.length === 0), figures: against }]
  })
  return {
    buildId,
    equal: compared.every(({ equal }) => equal),
    warehouses: held.map(({ warehouse, status }) => ({ warehouse, status })),
    models: compared,
  }
}
