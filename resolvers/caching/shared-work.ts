interface Flight<T> {
  readonly result: Promise<T>
  readonly abort: AbortController
  waiting: number
}

/** Work that several callers ask for at the same time is done once. It is aborted when the last of them has gone. */
export class SharedWork<T> {
  private readonly flights = new Map<string, Flight<T>>()

  /** `left` is what a caller gets whose own signal aborts; the others go on waiting. */
  async run(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    left: () => Error,
  ): Promise<T> {
    if (signal?.aborted) throw left()
    const flight = this.flights.get(key) ?? this.begin(key, work)
    flight.waiting += 1
    if (!signal) return flight.result
    return new Promise((resolve, reject) => {
      const leave = () => {
        flight.waiting -= 1
        if (flight.waiting > 0) return reject(left())
        // Nobody may join what is being aborted. The last one waits for its end: then nothing runs any more.
        this.end(key, flight)
        flight.abort.abort()
      }
      signal.addEventListener('abort', leave, { once: true })
      flight.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  private begin(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController()
    const flight: Flight<T> = {
      abort,
      waiting: 0,
      result: work(abort.signal).finally(() => this.end(key, flight)),
    }
    this.flights.set(key, flight)
    return flight
  }

  private end(key: string, flight: Flight<T>): void {
    if (this.flights.get(key) === flight) this.flights.delete(key)
  }
}
