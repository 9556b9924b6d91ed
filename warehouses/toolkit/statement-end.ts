/** Why a statement was interrupted, since engines only say that it was. */
export type Interruption = 'aborted' | 'timeout' | undefined

/** What ends a statement before its answer: its caller goes away, or its time is up. The time counts from here, waiting included. */
export class StatementEnd {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  #interruption: Interruption

  constructor(
    private readonly caller: AbortSignal | undefined,
    timeoutMs: number,
  ) {
    this.#timer = setTimeout(() => this.#end('timeout'), timeoutMs)
    caller?.addEventListener('abort', this.#left, { once: true })
    if (caller?.aborted === true) this.#left()
  }

  /** Aborted when the statement must end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Why it must, as far as it must. */
  get interruption(): Interruption {
    return this.#interruption
  }

  /** The answer is there, or nobody waits for it. */
  release(): void {
    clearTimeout(this.#timer)
    this.caller?.removeEventListener('abort', this.#left)
  }

  readonly #left = (): void => this.#end('aborted')

  #end(why: Interruption): void {
    this.#interruption ??= why
    this.#controller.abort()
  }
}
