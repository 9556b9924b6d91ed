/** The part of `process` that tells about signals. */
export interface SignalEmitter {
  on(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown
  off(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown
}

export type InterruptSignal = 'SIGINT' | 'SIGTERM'

/** One Ctrl-C under npm arrives twice: from the terminal and from npm, a few milliseconds apart. */
const SAME_PRESS_MS = 750

/** Ctrl-C and SIGTERM: the first asks to end in good order, a later one forces. */
export class Interruption {
  private readonly controller = new AbortController()
  private firstAt = 0
  private by: InterruptSignal | undefined

  constructor(
    private readonly now: () => number,
    /** Told once, when the first signal arrives. */
    private readonly onFirst: () => void,
    /** Ends the process at once with this exit code. */
    private readonly force: (exitCode: number) => void,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal
  }

  get interrupted(): boolean {
    return this.by !== undefined
  }

  /** What a shell reports for a process that the signal ended: 130 or 143. */
  get exitCode(): number {
    return this.by === 'SIGTERM' ? 143 : 130
  }

  /** Returns the way to stop listening. */
  listen(emitter: SignalEmitter): () => void {
    const listener = (signal: InterruptSignal) => this.handle(signal)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) emitter.on(signal, listener)
    return () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) emitter.off(signal, listener)
    }
  }

  private handle(signal: InterruptSignal): void {
    if (this.by === undefined) {
      this.by = signal
      this.firstAt = this.now()
      this.onFirst()
      this.controller.abort(new Error(`Interrupted by ${signal}`))
    } else if (this.now() - this.firstAt > SAME_PRESS_MS) {
      this.force(this.exitCode)
    }
  }
}
