import { createHash } from 'node:crypto'
import type { Entity } from '../../models/types.js'
import { keysInOrder } from '../bronze/canonical-json.js'
import type { BronzeObject } from '../bronze/delivery.js'
import type { EntityMapping, Mapping } from '../sources/mapping.js'

/** Raised when the same input would give other bytes than before: every entity is then conformed again. */
const conformerVersion = 1

type ObjectIdentity = Pick<BronzeObject, 'dataset' | 'key' | 'sha256'>

/**
 * Names the conformed rows of an entity: a SHA-256 of everything they depend on, that is the SELECT and the filter, the facts and
 * dialects of the mapping, the entity's declaration, and key and content of every object that is read.
 */
export function entityHash(
  mapping: Mapping,
  entityMapping: EntityMapping,
  entity: Entity,
  driving: readonly ObjectIdentity[],
  lookups: readonly ObjectIdentity[],
): string {
  const { name, currency, timezone, country } = mapping
  const { from, mode, grouped, sql, filter } = entityMapping
  const read = [from, ...entityMapping.lookups].sort()
  const datasets = read.map((dataset) => mapping.datasets.find((candidate) => candidate.name === dataset))
  const facts = {
    conformerVersion,
    ...{ name, currency, timezone, country },
    ...{ from, mode, grouped, sql, filter: filter?.where ?? null },
    entity: {
      name: entity.name,
      key: entity.key,
      columns: entity.columns.map(withoutDescription),
      rowChecks: entity.rowChecks.map(({ name, condition, severity }) => ({ name, condition, severity })),
    },
    datasets: datasets.map((dataset) => ({ name: dataset?.name, format: dataset?.format, columns: dataset?.columns })),
    driving: identities(driving),
    lookups: identities(lookups),
  }
  return createHash('sha256').update(JSON.stringify(facts, keysInOrder)).digest('hex')
}

function identities(objects: readonly ObjectIdentity[]): string[] {
  return objects.map(({ dataset, key, sha256 }) => JSON.stringify([dataset, key, sha256])).sort()
}

function withoutDescription(column: Entity['columns'][number]) {
  const { description: _, ...meaning } = column
  return meaning
}
