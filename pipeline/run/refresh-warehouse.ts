import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import type { BuildRecord } from '../control/builds.js'
import { makeBuild } from '../gold/build.js'
import { buildFingerprint } from '../gold/fingerprint.js'
import { checkBuild } from '../quality/check-build.js'
import { fillSilver } from '../silver/fill.js'
import type { RunContext } from '../steps/context.js'
import { runStep, write } from '../steps/step.js'

export interface WarehouseOutcome {
  readonly warehouse: string
  /** `held`: the build passed and waits for the pointer's release. `gated`: a check of severity error failed. */
  readonly outcome: 'published' | 'unchanged' | 'held' | 'gated' | 'failed'
  /** The build that this run made, or the one that stands. */
  readonly buildId?: string
  readonly message?: string
}

/** Load to publish in one warehouse. Every step goes by what the warehouse and the control database hold, so that it may be called again. */
export async function refreshWarehouse(context: RunContext, warehouse: Warehouse): Promise<WarehouseOutcome> {
  const name = warehouse.name
  const stored = await context.batches.effective()
  const states = await context.batches.states()
  const fingerprint = buildFingerprint(context, warehouse, stored, states)
  const newest = await context.builds.newest(name)
  if (newest?.fingerprint === fingerprint && newest.buildId !== context.run.runId && newest.status !== 'built') {
    return standing(context, warehouse, newest)
  }

  const writer = await warehouse.openWriter(context.lease.token, context.entities)
  try {
    await fillSilver(context, name, writer, stored, states)
    const build = await makeBuild(context, warehouse, writer, fingerprint)
    const gate = await check(context, warehouse, writer, build)
    if (gate === 'failed') {
      await sweep(context, name, writer)
      return {
        warehouse: name,
        outcome: 'gated',
        buildId: build.buildId,
        message: await failedChecks(context, name, build.buildId),
      }
    }
    return await publish(context, name, writer, build)
  } finally {
    await writer.close()
  }
}

/** Nothing new: says how the newest build stands, and publishes it if a killed run left that undone. */
async function standing(context: RunContext, warehouse: Warehouse, build: BuildRecord): Promise<WarehouseOutcome> {
  const { name } = warehouse
  if (build.status === 'failed') {
    const message = `its input did not change since: ${await failedChecks(context, name, build.buildId)}`
    return { warehouse: name, outcome: 'gated', buildId: build.buildId, message }
  }
  const pointer = (await context.builds.published([name])).get(name)
  if (pointer?.held)
    return {
      warehouse: name,
      outcome: pointer.buildId === build.buildId ? 'unchanged' : 'held',
      buildId: build.buildId,
    }
  if (pointer?.buildId === build.buildId) return { warehouse: name, outcome: 'unchanged', buildId: build.buildId }
  const writer = await warehouse.openWriter(context.lease.token, context.entities)
  try {
    return await publish(context, name, writer, build)
  } finally {
    await writer.close()
  }
}

async function check(context: RunContext, warehouse: Warehouse, writer: WarehouseWriter, build: BuildRecord) {
  const { name } = warehouse
  await runStep(context, 'check', name, async () => {
    const { results, dataThrough } = await checkBuild({
      entities: context.entities,
      models: context.models,
      dialect: warehouse.dialect,
      build,
      query: (statement) => writer.query(statement, build),
      counts: await context.batches.counts(context.run.runId),
    })
    await write(context, 'control.checks', name, () =>
      context.builds.recordChecks(context.lease, name, build.buildId, results, dataThrough),
    )
    return { rows: results.length }
  })
  return (await context.builds.newest(name))?.status
}

async function publish(
  context: RunContext,
  name: string,
  writer: WarehouseWriter,
  build: BuildRecord,
): Promise<WarehouseOutcome> {
  let published = true
  await runStep(context, 'publish', name, async () => {
    published = await write(context, 'control.publish', name, () =>
      context.builds.publish(context.lease, name, build.buildId),
    )
    if (published) await write(context, 'warehouse.views', name, () => writer.exposeViews(build, context.models))
    await sweep(context, name, writer)
    return {}
  })
  return { warehouse: name, outcome: published ? 'published' : 'held', buildId: build.buildId }
}

async function sweep(context: RunContext, name: string, writer: WarehouseWriter): Promise<void> {
  const tags = await context.builds.retain(context.lease, name, context.retainBuilds, context.graceSeconds)
  await write(context, 'warehouse.retain', name, () => writer.retain(tags))
}

async function failedChecks(context: RunContext, warehouse: string, buildId: string): Promise<string> {
  const failed = await context.builds.failedChecks(warehouse, buildId)
  return `failed ${failed.join(', ')}; the last good build stays published`
}
