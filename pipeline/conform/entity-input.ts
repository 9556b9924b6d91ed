import type { Entity } from '../../models/types.js'
import type { BronzeObject } from '../bronze/delivery.js'
import { compareByCodePoint } from '../bronze/stores/keys.js'
import type { EntityMapping, Mapping } from '../sources/mapping.js'
import type { EntityRequest } from './contract.js'
import { entityHash } from './entity-hash.js'

/**
 * What an entity is conformed of, by the objects of a delivery: all of its driving dataset (`full`), or those of runs that `isFresh` names (`append`), and all
 * of the datasets it looks things up in.
 */
export function entityInput(
  mapping: Mapping,
  entityMapping: EntityMapping,
  entity: Entity,
  objects: readonly BronzeObject[],
  isFresh: (runId: string) => boolean,
): EntityRequest {
  const driving = objects.filter((object) => object.dataset === entityMapping.from)
  const read = entityMapping.mode === 'full' ? driving : driving.filter((object) => isFresh(object.runId))
  const lookups = objects.filter((object) => entityMapping.lookups.includes(object.dataset))
  const hash = entityHash(mapping, entityMapping, entity, read, lookups)
  return { entity: entity.name, objectKeys: read.map((o) => o.key), lookupKeys: lookups.map((o) => o.key), hash }
}

/** What the requests read, by the age of their runs: the names of runs need not sort like their times. */
export function objectsOfRequests(
  requests: readonly EntityRequest[],
  objects: readonly BronzeObject[],
  runsByAge: readonly string[],
): readonly BronzeObject[] {
  const needed = new Set(requests.flatMap((request) => [...request.objectKeys, ...request.lookupKeys]))
  const age = new Map(runsByAge.map((runId, index) => [runId, index]))
  const ageOf = ({ runId }: BronzeObject) => age.get(runId) ?? -1
  return objects
    .filter((object) => needed.has(object.key))
    .sort((a, b) => ageOf(a) - ageOf(b) || compareByCodePoint(a.key, b.key))
}
