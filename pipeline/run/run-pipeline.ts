import { randomInt } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { ControlDatabase } from '../control/database.js'
import { ControlError } from '../control/errors.js'
import { Lease, type LeaseOptions } from '../control/lease.js'
import { type NewRun, type Run, RunLog } from '../control/runs.js'
import { objectsAtHand } from '../restore/objects-at-hand.js'
import type { RunEvent } from '../run-events.js'
import type { PipelineParts, RunContext, RunSource } from '../steps/context.js'
import { fenced } from '../steps/fenced.js'
import { compileFirst } from './compile-first.js'
import { fencedFailure } from './fenced-failure.js'
import { nameOldBatches } from './name-old-batches.js'
import { refreshSource } from './refresh-source.js'
import { refreshWarehouse, type WarehouseOutcome } from './refresh-warehouse.js'
import { type StoreOutcome, settleFirst, withCopies } from './replicate-stores.js'
import { sweepStores } from './sweep-stores.js'
import { claimWorkFolder } from './work-folder.js'

export interface RunRequest {
  readonly runId?: string
  /** None: nothing is landed or conformed, and what there is is built. */
  readonly sources: readonly string[]
  /** The only warehouses to work on; null or absent: all. */
  readonly warehouses?: readonly string[] | null
  readonly dataDirectory: string | null
  /** "YYYY-MM-DD" */
  readonly givenAsOf: string | null
}

export interface RunResult {
  readonly runId: string
  /** True when the run had been interrupted before and was finished now. */
  readonly resumed: boolean
  readonly warehouses: readonly AttemptedWarehouse[]
  readonly failedSources: readonly FailedSource[]
  /** The first store first. While a required one failed no warehouse was touched. */
  readonly stores: readonly StoreOutcome[]
}

/** `error`: what stopped the warehouse, where something was thrown. */
type AttemptedWarehouse = WarehouseOutcome & { readonly error?: Error }

interface FailedSource {
  readonly source: string
  readonly error: Error
}

export interface PipelineEnvironment {
  readonly parts: PipelineParts
  readonly database: ControlDatabase
  readonly lease: LeaseOptions
  /** The mapping and folder of a source; throws a clear error when it is not configured. */
  readonly sourceOf: (name: string, dataDirectory: string | null) => RunSource
  readonly now: () => Date
}

/**
 * One run of the pipeline under the lease. A run that a killed process left behind is finished first, under its own id and as_of; when it
 * was asked for the same as `request`, that is all there is to do. Throws RUN_IN_PROGRESS, or FENCED when the lease is lost on the way.
 */
export async function runPipeline(
  environment: PipelineEnvironment,
  request: RunRequest,
  emit: (event: RunEvent) => void,
  cancel: AbortSignal,
): Promise<RunResult> {
  compileFirst(environment.parts)
  const lease = await Lease.acquire(environment.lease)
  const signal = AbortSignal.any([cancel, lease.lost])
  const runs = new RunLog(environment.database, lease)
  let parts = environment.parts
  const execute = (run: Run, resumed: boolean) => {
    const { stores, conformMemoryMb: memoryLimitMb, ...rest } = parts
    const durable = fenced(parts.durable, runs, signal)
    const all = stores.map(({ store }) => store)
    const hand = objectsAtHand({ ...rest, durable, stores: all, memoryLimitMb, runs, emit, signal })
    return watchedRun(environment, { ...parts, ...hand, run, lease, runs, signal, emit }, resumed)
  }
  try {
    parts = { ...parts, workDirectory: await claimWorkFolder(parts.workDirectory, lease.token) }
    const interrupted = await runs.interrupted()
    if (interrupted) {
      const result = await execute(interrupted, true)
      if (request.runId === undefined && isSameRequest(interrupted, request)) return result
    }
    const asked: NewRun = { ...request, runId: request.runId ?? newRunId(environment.now()) }
    const run = await parts.durable('control.run', 'begin', () => runs.begin(asked))
    return await execute(run, false)
  } catch (error) {
    // Whatever failed because of it, the lost lease is the reason.
    if (lease.lost.aborted) throw lease.lost.reason
    throw error
  } finally {
    if (parts !== environment.parts) await rm(parts.workDirectory, { recursive: true, force: true })
    await lease.release()
  }
}

/** The run with its own events around those of its steps: it ends for whoever watches, however it ends. */
async function watchedRun(environment: PipelineEnvironment, context: RunContext, resumed: boolean): Promise<RunResult> {
  const event = { step: 'run', subject: context.run.runId }
  const message = 'finishing the run that was interrupted'
  context.emit({ ...event, state: 'started', ...(resumed && { message }) })
  try {
    const result = await executeRun(environment, context, resumed)
    const failed = failuresOf(result)
    context.emit({
      ...event,
      ...(failed.length > 0 ? { state: 'failed', message: failed.join('; ') } : { state: 'done' }),
    })
    return result
  } catch (error) {
    context.emit({ ...event, state: 'failed', message: asError(error).message })
    throw error
  }
}

async function executeRun(environment: PipelineEnvironment, context: RunContext, resumed: boolean): Promise<RunResult> {
  const { run, runs, durable } = context
  const first = await settleFirst(context)
  const settled = first.outcome !== 'failed'
  if (settled) await nameOldBatches(context)
  const failedSources = settled ? await refreshSources(environment, context) : []
  const copied = settled
    ? await withCopies(context, () => refreshWarehouses(context, failedSources))
    : { stores: [], result: undefined }
  const stores = [first, ...copied.stores]
  const warehouses = copied.result ?? []
  context.signal.throwIfAborted()
  await sweepStores(context, stores)
  const result = { runId: run.runId, resumed, stores, warehouses, failedSources }
  const failures = failuresOf(result)
  await durable('control.run', 'end', () =>
    runs.end(run.runId, failures.length === 0 ? 'succeeded' : 'failed', failures.join('\n') || undefined),
  )
  return result
}

function failuresOf({ stores, failedSources, warehouses }: RunResult): string[] {
  return [
    ...stores.flatMap((each) => (each.outcome === 'failed' ? [`${each.store}: ${each.message}`] : [])),
    ...failedSources.map(({ source, error }) => `${source}: ${error.message}`),
    ...warehouses
      .filter((w) => w.outcome === 'failed' || w.outcome === 'gated')
      .map((w) => `${w.warehouse}: ${w.message ?? w.outcome}`),
  ]
}

async function refreshSources(environment: PipelineEnvironment, context: RunContext): Promise<FailedSource[]> {
  const { run } = context
  const failed: FailedSource[] = []
  for (const name of run.sources) {
    try {
      await refreshSource(context, environment.sourceOf(name, run.dataDirectory))
    } catch (error) {
      rethrowIfOver(context, error)
      failed.push({ source: name, error: asError(error) })
    }
  }
  return failed
}

async function refreshWarehouses(
  context: RunContext,
  failedSources: readonly FailedSource[],
): Promise<AttemptedWarehouse[]> {
  const { run } = context
  const allFailed = failedSources.length === run.sources.length
  if (allFailed && (await context.batches.effective()).length === 0) return []
  const wanted = context.warehouses.filter(({ name }) => run.warehouses?.includes(name) ?? true)
  return Promise.all(wanted.map((warehouse) => attempt(context, warehouse)))
}

/** One warehouse that is down or fails does not stop the others. */
async function attempt(context: RunContext, warehouse: RunContext['warehouses'][number]): Promise<AttemptedWarehouse> {
  try {
    return await refreshWarehouse(context, warehouse)
  } catch (thrown) {
    const error = await fencedFailure(asError(thrown), context.runs, context.lease.token)
    const message = context.signal.aborted ? 'cancelled' : error.message
    return { warehouse: warehouse.name, outcome: 'failed', message, error }
  }
}

/** Without the lease or the control database nothing goes on; a statement that was refused is its source's own failure. */
function rethrowIfOver(context: RunContext, error: unknown): void {
  if (context.signal.aborted || (error instanceof ControlError && error.code !== 'CONTROL_ERROR')) throw error
}

function isSameRequest(run: Run, request: RunRequest): boolean {
  return (
    run.sources.join('\n') === request.sources.join('\n') &&
    run.dataDirectory === request.dataDirectory &&
    run.warehouses?.join('\n') === request.warehouses?.join('\n') &&
    run.givenAsOf === request.givenAsOf
  )
}

/** Sortable by time, and short enough to be part of a table's name. */
function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()
  return `r${time}_${randomInt(36 ** 4)
    .toString(36)
    .padStart(4, '0')}`
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
