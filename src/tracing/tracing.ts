export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A piece of work that somebody watches from outside. Ended once. */
export interface Span {
  child(name: string, attributes?: SpanAttributes): Span
  /** Runs `work`, or what it sets going, as part of this span. */
  within<T>(work: () => T): T
  /** `error` says why it failed. */
  end(attributes?: SpanAttributes, error?: string): void
}

/** Where spans go. Attributes hold no values of requests or rows, and no secrets. */
export interface Tracing {
  /** A request; `traceparent` is the header of one that belongs to a trace already. */
  request(name: string, traceparent: string | undefined, attributes: SpanAttributes): Span
  /** A span of its own, or a part of the one that is at work. */
  span(name: string, attributes?: SpanAttributes): Span
  /** Sends what has not been sent. Never fails. */
  close(): Promise<void>
}
