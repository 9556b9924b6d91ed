import type { Mapping } from '../sources/mapping.js'
import { SourceError } from '../sources/source-error.js'
import type { ConformedEntity } from './contract.js'

/** Below so many, a share says nothing: one bad row of three is a bad row. */
const fewRows = 10

type Conformed = Pick<ConformedEntity, 'entity' | 'counts' | 'quarantine'>

/** Throws TOO_MANY_REJECTED when an entity lost too much to quarantine. */
export function requireUsable(mapping: Mapping, entities: readonly Conformed[]): void {
  const message = whyUnusable(mapping, entities)
  if (message !== undefined) throw new SourceError('TOO_MANY_REJECTED', message, { source: mapping.name })
}

/**
 * Says so when a full entity lost more than its `maxRejected` to quarantine, or all it had: a file of another encoding or format must not
 * replace good data by nothing. An appended one only lacks what it would have gained.
 */
export function whyUnusable(mapping: Mapping, entities: readonly Conformed[]): string | undefined {
  for (const { entity, counts, quarantine } of entities) {
    const mapped = mapping.entities.find((each) => each.entity === entity)
    if (!mapped) throw new Error(`${mapping.name} does not fill ${entity}`)
    if (mapped.mode !== 'full') continue
    const wanted = counts.raw - counts.filtered
    const nothingLeft = counts.quarantined > 0 && counts.loaded === 0
    const tooMany = counts.quarantined > fewRows && counts.quarantined > wanted * mapped.maxRejected
    if (!nothingLeft && !tooMany) continue
    const [worst] = [...quarantine].sort((a, b) => b.rows - a.rows)
    const example =
      worst === undefined
        ? ''
        : ` Most often: ${worst.reason}${worst.column === undefined ? '' : ` in ${worst.column}`}, as in row ${worst.exampleRow} of ${worst.exampleObject}: ${JSON.stringify(worst.exampleText.slice(0, 80))}.`
    return (
      `${mapping.name}, ${entity}: ${counts.quarantined} of ${wanted} rows of ${mapped.from} were rejected.${example} ` +
      `Nothing of this delivery is taken. Correct the files, or the mapping; if so many rows really are to be left out, raise maxRejected of ${entity} (${mapped.maxRejected}).`
    )
  }
  return undefined
}
