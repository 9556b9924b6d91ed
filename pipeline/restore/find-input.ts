import type { Entity } from '../../models/types.js'
import type { BronzeObject } from '../bronze/delivery.js'
import type { EntityRequest } from '../conform/contract.js'
import { entityInput } from '../conform/entity-input.js'
import type { Mapping } from '../sources/mapping.js'

/**
 * What a batch was conformed of, found again: the hash that names it is the proof. `objects` are those of the delivery that its run read, `deliveries` the runs
 * up to it that delivered something, oldest first: an appended batch read what came with the last few of them, and nobody noted how many that were.
 * Undefined when the mapping or the entity is no longer what it was then.
 */
export function findInput(
  batch: { readonly mode: 'full' | 'append'; readonly hash: string },
  mapping: Mapping,
  entity: Entity,
  objects: readonly BronzeObject[],
  deliveries: readonly string[],
): EntityRequest | undefined {
  const mapped = mapping.entities.find((candidate) => candidate.entity === entity.name)
  if (!mapped || mapped.mode !== batch.mode) return undefined
  const fresh = new Set<string>()
  for (const runId of [...deliveries].reverse()) {
    fresh.add(runId)
    const request = entityInput(mapping, mapped, entity, objects, (id) => fresh.has(id))
    if (request.hash === batch.hash) return request
    if (batch.mode === 'full') return undefined
  }
  return undefined
}
