import type { EntityCounts } from '../conform/contract.js'
import type { CheckResult } from './check.js'

export type CountedEntity = { readonly source: string; readonly entity: string } & EntityCounts

/** raw = loaded + collapsed + quarantined + filtered for every entity that the run conformed: no row got lost on the way to Silver. */
export function completeness(counts: readonly CountedEntity[]): CheckResult {
  const lost = counts.filter((each) => each.raw !== each.loaded + each.collapsed + each.quarantined + each.filtered)
  return {
    name: 'completeness',
    severity: 'error',
    status: lost.length === 0 ? 'passed' : 'failed',
    violations: BigInt(lost.length),
    sample: lost
      .slice(0, 3)
      .map(
        (each) =>
          `source=${each.source} entity=${each.entity} raw=${each.raw} loaded=${each.loaded} collapsed=${each.collapsed}` +
          ` quarantined=${each.quarantined} filtered=${each.filtered}`,
      )
      .join('; '),
  }
}
