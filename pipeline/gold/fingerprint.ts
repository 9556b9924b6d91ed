import { createHash } from 'node:crypto'
import type { SourceState } from '../../warehouses/contract/batch.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { batchIdentity, type StoredBatch } from '../control/batches.js'
import type { RunContext } from '../steps/context.js'

/** Everything that the Gold rows follow from. Where it did not change there is no new build. */
export function buildFingerprint(
  context: RunContext,
  warehouse: Warehouse,
  batches: readonly StoredBatch[],
  states: readonly SourceState[],
): string {
  const anyBuild = { buildId: 'build', tag: 'build' }
  const entities = context.entities.map((entity) => entity.name)
  const plan = goldPlan({ models: context.models, entities, dialect: warehouse.dialect, build: anyBuild })
  const selects = plan.map(({ model, select }) => [model.name, select])
  const input = { batches: batches.map(batchIdentity), states, selects }
  return createHash('sha256').update(JSON.stringify(input)).digest('hex')
}
