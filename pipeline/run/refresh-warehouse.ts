import { isReadable } from '../../warehouses/compiler/is-readable.js'
import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import type { BuildRecord } from '../control/builds.js'
import { makeBuild } from '../gold/build.js'
import { checkStep } from '../gold/check-step.js'
import { buildFingerprints } from '../gold/fingerprint.js'
import { parityStep } from '../gold/parity-step.js'
import { fillSilver } from '../silver/fill.js'
import type { RunContext } from '../steps/context.js'
import { runStep, write } from '../steps/step.js'

export interface WarehouseOutcome {
  readonly warehouse: string
  /**
   * `held`: the build passed and waits for the pointer's release. `gated`: a check of severity error failed. `failed`: something was thrown, or the tables of the
   * build that the pointer is held at are gone, so that readers get errors until somebody releases it.
   */
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
  const fingerprints = buildFingerprints(context, warehouse, stored, states)
  const newest = await context.builds.newest(name)
  const same = newest?.fingerprint === fingerprints.here ? newest : undefined
  const ended = same && same.status !== 'built' && same.runId !== context.run.runId
  // Asked as a reader, so that a run without news changes nothing at all.
  if (ended && (await isReadable(warehouse, same, context.models))) return standing(context, warehouse, same)

  const writer = await warehouse.openWriter(context.lease.token, context.entities)
  try {
    const made = same && (await keptOrLost(context, writer, same))
    await fillSilver(context, name, writer, stored, states)
    const build = await makeBuild(context, warehouse, writer, fingerprints, made)
    await checkStep(context, warehouse, writer, build)
    const gate = await parityStep(context, warehouse, writer, build)
    if (gate === 'passed') return await publish(context, name, writer, build)
    await sweep(context, name, writer)
    const message = await failedChecks(context, build)
    return { warehouse: name, outcome: 'gated', buildId: build.buildId, message }
  } finally {
    await writer.close()
  }
}

/** The attempt while its tables are there. Otherwise nobody shall read it any more: undefined, and it is made again. */
async function keptOrLost(
  context: RunContext,
  writer: WarehouseWriter,
  attempt: BuildRecord,
): Promise<BuildRecord | undefined> {
  if (await writer.hasBuild(attempt, context.models)) return attempt
  const subject = `${attempt.warehouse} ${attempt.tag}`
  context.emit({
    ...{ step: 'build', subject: attempt.warehouse, state: 'progress' },
    message: `the tables of build ${attempt.buildId} are gone, it is made again`,
  })
  await write(context, 'control.lost', subject, () => context.builds.recordLost(context.lease, attempt))
  return undefined
}

/** Nothing new: says how the newest build stands, and publishes it if a killed run left that undone. */
async function standing(context: RunContext, warehouse: Warehouse, build: BuildRecord): Promise<WarehouseOutcome> {
  const { name } = warehouse
  if (build.status === 'failed') {
    const message = `its input did not change since: ${await failedChecks(context, build)}`
    return { warehouse: name, outcome: 'gated', buildId: build.buildId, message }
  }
  const pointer = (await context.builds.published([name])).get(name)
  if (pointer?.tag === build.tag) return { warehouse: name, outcome: 'unchanged', buildId: build.buildId }
  const isHeld = pointer?.held === true
  // Only a writer can say that tables are gone.
  if (isHeld && (await isReadable(warehouse, pointer, await context.builds.modelsOf(pointer, context.models))))
    return { warehouse: name, outcome: 'held', buildId: build.buildId }
  const writer = await warehouse.openWriter(context.lease.token, context.entities)
  try {
    return isHeld ? await waiting(context, name, writer, build) : await publish(context, name, writer, build)
  } finally {
    await writer.close()
  }
}

/** A build that passed while the pointer is held at an older one. */
async function waiting(
  context: RunContext,
  name: string,
  writer: WarehouseWriter,
  build: BuildRecord,
): Promise<WarehouseOutcome> {
  const outcome = { warehouse: name, buildId: build.buildId }
  const pinned = (await context.builds.published([name])).get(name)
  if (pinned && (await writer.hasBuild(pinned, await context.builds.modelsOf(pinned, context.models))))
    return { ...outcome, outcome: 'held' }
  const message = `the pointer is held at ${pinned ? `build ${pinned.buildId}` : 'a build'} whose tables are gone, so readers get errors. "goldgate publish --release --warehouse ${name}" publishes build ${build.buildId} instead`
  return { ...outcome, outcome: 'failed', message }
}

async function publish(
  context: RunContext,
  name: string,
  writer: WarehouseWriter,
  build: BuildRecord,
): Promise<WarehouseOutcome> {
  const pointer = (await context.builds.published([name])).get(name)
  let published = true
  const work = async () => {
    published = await write(context, 'control.publish', name, () => context.builds.publish(context.lease, build))
    if (published) await write(context, 'warehouse.views', name, () => writer.exposeViews(build, context.models))
    await sweep(context, name, writer)
    return {}
  }
  await runStep(context, 'publish', name, work, pointer?.tag !== build.tag)
  return published
    ? { warehouse: name, outcome: 'published', buildId: build.buildId }
    : waiting(context, name, writer, build)
}

async function sweep(context: RunContext, name: string, writer: WarehouseWriter): Promise<void> {
  const tags = await context.builds.retain(context.lease, name, context.retainBuilds, context.graceSeconds)
  await write(context, 'warehouse.retain', name, () => writer.retain(tags))
}

async function failedChecks(context: RunContext, build: BuildRecord): Promise<string> {
  const failed = await context.builds.failedChecks(build)
  return `failed ${failed.join(', ')}; the last good build stays published`
}
