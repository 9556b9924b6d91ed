import type { RunEvent } from '../../pipeline/run-events.js'
import type { Span, Tracing } from './tracing.js'

type OnEvent = (event: RunEvent) => void

/** A run of the pipeline as a span, and each of its steps as one in it. */
export async function tracedRun<T extends { readonly runId: string; readonly status: string }>(
  tracing: Tracing | undefined,
  onEvent: OnEvent,
  run: (onEvent: OnEvent) => Promise<T>,
): Promise<T> {
  if (!tracing) return run(onEvent)
  const whole = tracing.span('pipeline run')
  const steps = new Map<string, Span>()
  const watch: OnEvent = (event) => {
    follow(whole, steps, event)
    onEvent(event)
  }
  try {
    const summary = await whole.within(() => run(watch))
    const failed = summary.status === 'failed' ? 'The run failed.' : undefined
    whole.end({ 'goldgate.run': summary.runId, 'goldgate.status': summary.status }, failed)
    return summary
  } catch (error) {
    whole.end({}, error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    for (const step of steps.values()) step.end({}, 'The run ended before it.')
  }
}

function follow(whole: Span, steps: Map<string, Span>, { step, subject, state, message, ...numbers }: RunEvent): void {
  const name = `${step} ${subject}`
  if (state === 'started') {
    steps.set(name, whole.child(name, { 'goldgate.step': step, 'goldgate.subject': subject }))
    return
  }
  if (state === 'progress') return
  const { rows, bytes, objects } = numbers
  const attributes = {
    'goldgate.state': state,
    ...(rows === undefined ? {} : { 'goldgate.rows': rows }),
    ...(bytes === undefined ? {} : { 'goldgate.bytes': bytes }),
    ...(objects === undefined ? {} : { 'goldgate.objects': objects }),
  }
  // A step that was skipped may never have been started.
  const span = steps.get(name) ?? whole.child(name, { 'goldgate.step': step, 'goldgate.subject': subject })
  steps.delete(name)
  span.end(attributes, state === 'failed' ? (message ?? 'failed') : undefined)
}
