/** What the pipeline tells whoever watches a run. */
export interface RunEvent {
  /** The step's name: `run` for the whole of it, else `land`, `conform`, `replicate`, `load`, `merge`, `build`, `check`, `parity`, `publish`, or what is done around them (`generate`, …). */
  readonly step: string
  /** What the step works on: the run's id, a source, an object store, a warehouse, or one of them with a part of it (`postgres daily_revenue`). */
  readonly subject: string
  /** `skipped`: what the step would make is there already. A step ends exactly once, as `done`, `failed` or `skipped`. */
  readonly state: 'started' | 'progress' | 'done' | 'failed' | 'skipped'
  /** So far, or in all when the step has ended. */
  readonly rows?: number
  readonly bytes?: number
  /** Of an object store. */
  readonly objects?: number
  readonly seconds?: number
  /** For people: why it failed or was skipped, or what it is at. */
  readonly message?: string
}
