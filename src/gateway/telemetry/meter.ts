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

/** `body`: whole answers. `rows`: what statements gave. */
export type CacheName = 'body' | 'rows'

/** Counts what the gateway does. */
export interface Meter {
  answered(request: AnsweredRequest): void
  statement(statement: EndedStatement): void
  cached(cache: CacheName, hit: boolean): void
}
