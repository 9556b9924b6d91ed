import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { StoreError } from '../../object-store.js'

/** An error of what is stored, not of the store: its cause reaches the caller as it is. */
export class BodyFailure extends Error {}

/** The body as buffers, counted and hashed as they pass. */
export class MeasuredBody {
  bytes = 0
  private readonly hash = createHash('sha256')
  private digest: string | undefined

  constructor(private readonly body: Readable) {}

  /** Of what has passed. Call it when all has. */
  get sha256(): string {
    this.digest ??= this.hash.digest('hex')
    return this.digest
  }

  /** Reads what is left, for its size and SHA-256. */
  async drain(): Promise<void> {
    for await (const _piece of this.pieces());
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    const iterator: AsyncIterator<unknown> = this.body[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await iterator.next().catch((error: unknown) => {
        throw new BodyFailure('the body failed', { cause: error })
      })
      if (done) return
      const piece = value instanceof Uint8Array ? value : Buffer.from(String(value))
      this.hash.update(piece)
      this.bytes += piece.length
      yield piece
    }
  }
}

export function checkSha256(store: string, key: string, expected: string | undefined, found: string): void {
  if (expected === undefined || expected === found) return
  const message = `${key} should have SHA-256 ${expected}, but what came has ${found}; it was not kept`
  throw new StoreError('CHECKSUM_MISMATCH', store, message)
}
