import { Readable } from 'node:stream'
import pTimeout from 'p-timeout'

/** A server that accepts a connection and then sends nothing more must become an error. */
class StalledError extends Error {
  readonly code = 'ETIMEDOUT'
}

export interface BodyGuard {
  /** The longest that a reader waits for the next bytes. A reader that does not ask may take any time. */
  readonly stallMs: number
  readonly explain: (error: unknown) => unknown
}

/** The same bytes, with what goes wrong on the way as errors of the store. */
export function guardedBody(body: Readable, { stallMs, explain }: BodyGuard): Readable {
  const pieces = async function* (): AsyncGenerator<unknown> {
    const iterator: AsyncIterator<unknown> = body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await within(stallMs, iterator.next())
        if (next.done) return
        yield next.value
      }
    } catch (error) {
      throw explain(error)
    } finally {
      body.destroy()
    }
  }
  const guarded = Readable.from(pieces(), { objectMode: false })
  // A reader that turns away ends the request at once, also while nothing comes.
  guarded.once('close', () => body.destroy())
  return guarded
}

const within = <T>(ms: number, work: Promise<T>): Promise<T> =>
  pTimeout(work, {
    milliseconds: ms,
    fallback: () => {
      throw new StalledError(`nothing came for ${ms / 1000} seconds`)
    },
  })
