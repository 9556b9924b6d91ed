import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceState } from '../../warehouses/contract/batch.js'
import type { BronzeObject, Delivery } from '../bronze/delivery.js'
import { landSource } from '../bronze/land.js'
import { recordOfDelivery } from '../bronze/named-objects.js'
import { conform } from '../conform/conform.js'
import type { EntityRequest } from '../conform/contract.js'
import { entityInput, objectsOfRequests } from '../conform/entity-input.js'
import { countRecords } from '../conform/readers/count-records.js'
import { requireUsable } from '../conform/rejections.js'
import type { BatchRecord, StoredBatch } from '../control/batches.js'
import type { EntityMapping, Mapping } from '../sources/mapping.js'
import type { RunContext, RunSource } from '../steps/context.js'
import { runStep, write } from '../steps/step.js'
import { keepBatches } from './keep-batches.js'
import { newestDelivery } from './newest-delivery.js'

/** Land and conform of one source: from its files to batches that every warehouse can load. */
export async function refreshSource(context: RunContext, source: RunSource): Promise<void> {
  const name = source.mapping.name
  await runStep(context, 'land', name, () => land(context, source))
  await runStep(context, 'conform', name, async (progress) => {
    const delivery = await newestDelivery(context, name)
    if (!delivery) throw new Error(`${name} has no delivery although it was landed`)
    return conformDelivery(context, source.mapping, delivery, (rows) => progress({ rows }))
  })
}

async function land(context: RunContext, { mapping, dataDirectory }: RunSource) {
  const { run, runs, store } = context
  const previous = await newestDelivery(context, mapping.name)
  if (previous?.runId === run.runId) return undefined
  const delivery = await landSource({
    mapping,
    dataDirectory,
    store,
    runId: run.runId,
    dt: run.startedOn,
    sequence: run.sequence,
    previous,
    countRecords,
    durable: (name, subject, perform) => write(context, name, subject, perform),
    signal: context.signal,
    onProgress: (progress) => context.emit({ step: 'land', subject: mapping.name, state: 'progress', ...progress }),
  })
  if (delivery.runId !== run.runId) return undefined
  await write(context, 'control.delivery', mapping.name, () =>
    runs.recordDelivery(recordOfDelivery(delivery), store.name),
  )
  const landed = delivery.objects.filter((object) => object.runId === run.runId)
  return { rows: total(landed, (object) => object.rows), bytes: total(landed, (object) => object.bytes) }
}

async function conformDelivery(
  context: RunContext,
  mapping: Mapping,
  delivery: Delivery,
  onRows: (rows: number) => void,
) {
  const { run, batches } = context
  const state = sourceState(mapping, run.givenAsOf)
  const requests = await entityRequests(context, mapping, delivery)
  const known = (await batches.states()).find((other) => other.source === mapping.name)
  if (requests.length === 0 && known && JSON.stringify(known) === JSON.stringify(state)) return undefined

  const records = await conformEntities(context, mapping, delivery, state, requests, onRows)
  if (records.length === 0) return undefined
  return { rows: total(records, (record) => record.counts.loaded), bytes: total(records, (record) => record.bytes) }
}

/** Entities whose input or mapping changed since they were last conformed. */
async function entityRequests(context: RunContext, mapping: Mapping, delivery: Delivery): Promise<EntityRequest[]> {
  const newest = await context.batches.newest(mapping.name)
  const fresh = await context.runs.unconformed(mapping.name)
  return mapping.entities.flatMap((entity) =>
    entityRequest(context, mapping, entity, delivery.objects, newest.get(entity.entity), fresh),
  )
}

function entityRequest(
  context: RunContext,
  mapping: Mapping,
  entityMapping: EntityMapping,
  objects: readonly BronzeObject[],
  newest: StoredBatch | undefined,
  fresh: ReadonlySet<string>,
): EntityRequest[] {
  const entity = context.entities.find((candidate) => candidate.name === entityMapping.entity)
  if (!entity) throw new Error(`There is no entity ${entityMapping.entity}`)
  const request = entityInput(mapping, entityMapping, entity, objects, (runId) => fresh.has(runId))
  if (entityMapping.mode === 'append' && request.objectKeys.length === 0 && newest) return []
  return newest?.hash === request.hash ? [] : [request]
}

async function conformEntities(
  context: RunContext,
  mapping: Mapping,
  delivery: Delivery,
  state: SourceState,
  requests: readonly EntityRequest[],
  onRows: (rows: number) => void,
): Promise<readonly BatchRecord[]> {
  if (requests.length === 0) return keepBatches(context, mapping, state, [])
  const { run } = context
  const workDirectory = join(context.workDirectory, `conform ${mapping.name}`)
  await mkdir(workDirectory, { recursive: true })
  const runsByAge = [...(await context.runs.runsWithDelivery(mapping.name))]
  const objects = Promise.all(
    objectsOfRequests(requests, delivery.objects, runsByAge).map(async (object) => ({
      ...object,
      path: await context.local.path(object),
    })),
  )
  const result = await conform(
    { mapping, runId: run.runId, objects, entities: requests, workDirectory, memoryLimitMb: context.conformMemoryMb },
    { signal: context.signal, onProgress: (progress) => onRows(progress.rows) },
  )
  requireUsable(mapping, result.entities)
  const records = await keepBatches(context, mapping, state, result.entities)
  await rm(workDirectory, { recursive: true, force: true })
  return records
}

function sourceState(mapping: Mapping, givenAsOf: string | null): SourceState {
  const { name, currency, timezone, country } = mapping
  return {
    source: name,
    currency,
    timezone,
    country,
    givenAsOf,
    entities: mapping.entities.map((entity) => entity.entity).sort(),
  }
}

function total<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0)
}
