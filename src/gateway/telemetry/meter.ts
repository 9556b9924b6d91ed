export interface AnsweredRequest {
  /** As it was registered, never as it was asked for; `none` where there is none. */
  readonly route: string
  /** Name of a stored operation, or `other`. */
  readonly operation: string
  readonly status: number
  readonly seconds: number
  readonly bytes: number
}

export interface EndedStatement {
  readonly warehouse: string
  readonly outcome: 'done' | 'failed' | 'cancelled' | 'timeout'
  readonly seconds: number
}

export interface EndedExport {
  readonly warehouse: string
  /** `left`: the client went away. `stalled`: it took nothing and was given up. `refused`: there was no place. */
  readonly outcome: 'whole' | 'failed' | 'left' | 'stalled' | 'refused'
}

/** `body`: whole answers. `rows`: what statements gave. */
export type CacheName = 'body' | 'rows'

/** Counts what the gateway does. */
export interface Meter {
  answered(request: AnsweredRequest): void
  statement(statement: EndedStatement): void
  exported(ended: EndedExport): void
  cached(cache: CacheName, hit: boolean): void
}
