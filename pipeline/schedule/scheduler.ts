import { type ScheduledTask, schedule } from 'node-cron'

export interface SourceSchedule {
  readonly source: string
  /** Five or six fields. */
  readonly cron: string
  /** IANA. */
  readonly timezone: string
}

/**
 * Refreshes sources by cron expression. A source that comes due while a run is going on waits for its end, once: ticks do not pile up,
 * and all sources that came due meanwhile go into one run.
 */
export class Scheduler {
  private readonly tasks: ScheduledTask[]
  private readonly due = new Set<string>()
  private running: Promise<void> | undefined
  private stopped = false

  /** `refresh` runs the pipeline for the sources; what it throws goes to `onError`, and the next tick tries again. */
  constructor(
    schedules: readonly SourceSchedule[],
    private readonly refresh: (sources: readonly string[]) => Promise<void>,
    private readonly onError: (error: unknown) => void,
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
    for (const task of this.tasks) await task.destroy()
    await this.running
  }

  private async work(): Promise<void> {
    while (this.due.size > 0) {
      const sources = [...this.due].sort()
      this.due.clear()
      try {
        await this.refresh(sources)
      } catch (error) {
        this.onError(error)
      }
    }
  }
}
