import { type ScheduledTask, schedule } from 'node-cron'

export interface SourceSchedule {
  readonly source: string
  /** Five or six fields. */
  readonly cron: string
  /** IANA. */
  readonly timezone: string
}

/** `busy`: another process runs the pipeline, and nothing was done. */
export type RefreshOutcome = 'done' | 'busy'

export interface Patience {
  /** Between two attempts while another process runs. Default 10 s. */
  readonly retryMs: number
  /** After so many the sources wait for their next tick. Default 360: an hour. */
  readonly attempts: number
}

/**
 * Refreshes sources by cron expression. A source that comes due while a run is going on waits for its end, once: ticks do not pile up,
 * and all sources that came due meanwhile go into one run. The same when the run is another process's, which is asked again and again, since it
 * tells nobody when it ends.
 */
export class Scheduler {
  private readonly tasks: ScheduledTask[]
  private readonly due = new Set<string>()
  private running: Promise<void> | undefined
  private stopped = false
  private wake: () => void = () => {}

  /** `refresh` runs the pipeline for the sources; what it throws goes to `onError`, and the next tick tries again. */
  constructor(
    schedules: readonly SourceSchedule[],
    private readonly refresh: (sources: readonly string[]) => Promise<RefreshOutcome>,
    private readonly onError: (error: unknown) => void,
    private readonly patience: Patience = { retryMs: 10_000, attempts: 360 },
  ) {
    this.tasks = schedules.map(({ source, cron, timezone }) =>
      schedule(cron, () => this.tick(source), { timezone, name: `refresh ${source}` }),
    )
  }

  /** What cron calls. */
  tick(source: string): void {
    if (this.stopped) return
    this.due.add(source)
    this.running ??= this.work().finally(() => {
      this.running = undefined
    })
  }

  /** No more ticks; resolves when the run that is going on has ended. */
  async stop(): Promise<void> {
    this.stopped = true
    this.due.clear()
    this.wake()
    for (const task of this.tasks) await task.destroy()
    await this.running
  }

  private async work(): Promise<void> {
    let refused = 0
    while (this.due.size > 0) {
      const sources = [...this.due].sort()
      this.due.clear()
      if ((await this.attempt(sources)) === 'done') {
        refused = 0
        continue
      }
      refused += 1
      if (refused >= this.patience.attempts) {
        this.onError(new Error(`Another process went on running: ${sources.join(', ')} wait for their next time.`))
        refused = 0
        continue
      }
      if (this.stopped) return
      for (const source of sources) this.due.add(source)
      await this.pause()
    }
  }

  private async attempt(sources: readonly string[]): Promise<RefreshOutcome> {
    try {
      return await this.refresh(sources)
    } catch (error) {
      this.onError(error)
      return 'done'
    }
  }

  /** Until the next attempt, or until it is stopped. */
  private pause(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, this.patience.retryMs)
      this.wake = () => {
        clearTimeout(timer)
        done()
      }
    })
  }
}
