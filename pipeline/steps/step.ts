import type { StepNumbers } from '../control/runs.js'
import type { RunEvent } from '../run-events.js'
import type { RunContext } from './context.js'
import { fenced } from './fenced.js'

type StepName = 'land' | 'conform' | 'replicate' | 'load' | 'merge' | 'build' | 'check' | 'parity' | 'publish'

export type Progress = (numbers: StepNumbers & { readonly message?: string }) => void

/**
 * One step of a run with its record in the control database. A step that ended before (a resumed run) is not done again, unless
 * `undone` says that its effect is gone. `work` returns undefined when there was nothing to do.
 */
export async function runStep(
  context: RunContext,
  step: StepName,
  subject: string,
  work: (progress: Progress) => Promise<(StepNumbers & { readonly message?: string }) | undefined>,
  undone = false,
): Promise<void> {
  const { run, runs, emit } = context
  const event = (state: RunEvent['state'], numbers: StepNumbers & { seconds?: number; message?: string } = {}) =>
    emit({ step, subject, state, ...plainNumbers(numbers) })
  if (!undone && (await runs.isDone(run.runId, step, subject))) {
    event('skipped', { message: 'done before the interruption' })
    return
  }
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  event('started')
  await write(context, 'control.step', `${step} ${subject} started`, () => runs.startStep(run.runId, step, subject))
  try {
    const numbers = await work((progress) => event('progress', { ...progress, seconds: seconds() }))
    const status = numbers ? 'done' : 'skipped'
    await write(context, 'control.step', `${step} ${subject} ended`, () =>
      runs.endStep(run.runId, step, subject, status, numbers),
    )
    event(status, { ...numbers, seconds: seconds(), ...(numbers ? {} : { message: 'nothing new' }) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // A fenced runner may not even say so.
    await runs.endStep(run.runId, step, subject, 'failed', { error: message }).catch(() => {})
    event('failed', { message, seconds: seconds() })
    throw error
  }
}

/** A durable write of this run. */
export async function write<T>(
  context: RunContext,
  name: Parameters<RunContext['durable']>[0],
  subject: string,
  perform: () => Promise<T>,
): Promise<T> {
  return fenced(context.durable, context.runs, context.signal)(name, subject, perform)
}

function plainNumbers(numbers: StepNumbers & { seconds?: number; message?: string }): Partial<RunEvent> {
  const { rows, bytes, ...rest } = numbers
  return {
    ...rest,
    ...(rows === undefined ? {} : { rows: Number(rows) }),
    ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
  }
}
