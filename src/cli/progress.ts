import type { RunEvent } from '../../pipeline/run-events.js'
import type { TextStream } from './cli.js'
import { bytes, oneLine, rows, seconds } from './format.js'

/** Where lines are not overwritten, a step that goes on reports this often. */
const PLAIN_EVERY_MS = 5_000
const LIVE_EVERY_MS = 80
/** Steps that wait for a warehouse send no events for a minute: they are looked at this often. */
const TICK_MS = 1_000

interface ActiveStep {
  readonly startedAt: number
  shownAt: number
  latest: RunEvent
}

/**
 * The events of a run as lines: one for each step that ends. On a terminal the last line shows what goes on; elsewhere a long step
 * gets a line now and then.
 */
export class Progress {
  private readonly active = new Map<string, ActiveStep>()
  private readonly live: boolean
  private liveShown = false
  private liveAt = Number.NEGATIVE_INFINITY
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly out: TextStream,
    /** Milliseconds of a clock that only goes forward. */
    private readonly now: () => number,
  ) {
    this.live = out.isTTY === true
  }

  readonly handle = (event: RunEvent): void => {
    const id = JSON.stringify([event.step, event.subject])
    const now = this.now()
    if (event.state === 'started') {
      this.active.set(id, { startedAt: now, shownAt: now, latest: event })
      // It keeps no process alive that is done otherwise.
      this.timer ??= setInterval(() => this.tick(), TICK_MS).unref()
      this.showLive(event, true)
      return
    }
    const step = this.active.get(id) ?? { startedAt: now, shownAt: now, latest: event }
    if (event.state === 'progress') {
      this.active.set(id, step)
      step.latest = event
      const timed = this.timed(event, step, now)
      if (this.live) this.showLive(timed, false)
      else this.showPlain(step, now)
      return
    }
    this.active.delete(id)
    if (this.active.size === 0) this.stopTimer()
    // Of how the run itself ended the report says more.
    if (event.step === 'run') this.clearLive()
    else this.print(line(this.timed(event, step, now)))
    const next = [...this.active.values()].at(-1)
    if (next) this.showLive(next.latest, true)
  }

  /** A step of the command's own, with its events around it. */
  async step<T>(
    step: string,
    subject: string,
    work: () => Promise<T>,
    result: (value: T) => Partial<RunEvent> = () => ({}),
  ): Promise<T> {
    this.handle({ step, subject, state: 'started' })
    try {
      const value = await work()
      this.handle({ step, subject, state: 'done', ...result(value) })
      return value
    } catch (error) {
      this.handle({ step, subject, state: 'failed' })
      throw error
    }
  }

  /** A line between the steps. */
  print(text: string): void {
    this.clearLive()
    this.out.write(`${text}\n`)
  }

  /** Nothing follows: a line that would be overwritten is removed. */
  end(): void {
    this.clearLive()
    this.active.clear()
    this.stopTimer()
  }

  private tick(): void {
    const now = this.now()
    const last = [...this.active.values()].at(-1)
    if (this.live && last) this.showLive(this.timed(last.latest, last, now), false)
    if (this.live) return
    // The run itself goes on as long as any of its steps, which say more.
    for (const step of this.active.values())
      if (step.latest.step !== 'run' || this.active.size === 1) this.showPlain(step, now)
  }

  private stopTimer(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  private showPlain(step: ActiveStep, now: number): void {
    if (now - step.shownAt < PLAIN_EVERY_MS) return
    step.shownAt = now
    this.print(`${line(this.timed(step.latest, step, now))} ...`)
  }

  private timed(event: RunEvent, step: ActiveStep, now: number): RunEvent {
    if (event.seconds !== undefined || event.state === 'skipped') return event
    return { ...event, seconds: (now - step.startedAt) / 1_000 }
  }

  private showLive(event: RunEvent, always: boolean): void {
    if (!this.live) return
    const now = this.now()
    if (!always && now - this.liveAt < LIVE_EVERY_MS) return
    this.liveAt = now
    const width = Math.max(20, (this.out.columns ?? 80) - 1)
    this.out.write(`\r\x1b[2K${`${line(event)} ...`.slice(0, width)}`)
    this.liveShown = true
  }

  private clearLive(): void {
    if (!this.liveShown) return
    this.out.write('\r\x1b[2K')
    this.liveShown = false
  }
}

function line(event: RunEvent): string {
  const numbers = [
    event.rows === undefined ? '' : rows(event.rows),
    event.bytes === undefined ? '' : bytes(event.bytes),
    event.seconds === undefined ? '' : seconds(event.seconds),
  ]
  const [rowsText = '', bytesText = '', secondsText = ''] = numbers
  const state = event.state === 'failed' ? 'FAILED' : event.state === 'skipped' ? 'skipped' : ''
  const message = event.message === undefined ? '' : oneLine(event.message, 300)
  const note = [state, message].filter((part) => part !== '').join(': ')
  const figures = `${rowsText.padStart(15)}${bytesText.padStart(10)}${secondsText.padStart(12)}`
  return `  ${event.step.padEnd(9)} ${event.subject.padEnd(34)}${figures}${note === '' ? '' : `  ${note}`}`.trimEnd()
}
