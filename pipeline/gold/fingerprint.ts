import { createHash } from 'node:crypto'
import type { SourceState } from '../../warehouses/contract/batch.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { readSqlVariants } from '../../warehouses/template/sql-files.js'
import { batchIdentity, type StoredBatch } from '../control/batches.js'
import { checkFileNames } from '../quality/check-files.js'
import type { RunContext } from '../steps/context.js'

export interface Fingerprints {
  /** What the Gold rows and their checks follow from in every warehouse alike: builds of the same input have the same id. */
  readonly input: string
  /** The input, and the SQL that this warehouse makes of it. Where it did not change there is no new build. */
  readonly here: string
}

export function buildFingerprints(
  context: Pick<RunContext, 'entities' | 'models'>,
  warehouse: Pick<Warehouse, 'dialect'>,
  batches: readonly StoredBatch[],
  states: readonly SourceState[],
): Fingerprints {
  const input = sha256({
    batches: batches.map(batchIdentity),
    states,
    entities: context.entities,
    models: context.models,
    // Those of every dialect: a file for one engine alone makes a new build in all of them. A build stands by its checks: others are another build.
    templates: [
      ...context.models.map(({ name }) => `gold/${name}.sql`),
      ...checkFileNames().map((name) => `checks/${name}.sql`),
    ].map(readSqlVariants),
  })
  const anyBuild = { buildId: 'build', tag: 'build' }
  const entities = context.entities.map((entity) => entity.name)
  const plan = goldPlan({ models: context.models, entities, dialect: warehouse.dialect, build: anyBuild })
  return { input, here: sha256({ input, selects: plan.map(({ model, select }) => [model.name, select]) }) }
}

/** Without what is only for people: a better description is no new build. */
const forPeople = new Set(['description', 'unit'])

const sha256 = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, (key, part: unknown) => (forPeople.has(key) ? undefined : part)))
    .digest('hex')
