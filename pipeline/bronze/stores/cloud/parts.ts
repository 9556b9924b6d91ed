/** Small objects must not cost a whole part's memory. */
const firstCapacity = 64 * 1024

/** Cuts a stream of pieces into parts of `partBytes(number)` bytes, the last one shorter. Nothing in gives nothing out. */
export async function* partsOf(
  pieces: AsyncIterable<Uint8Array>,
  partBytes: (number: number) => number,
): AsyncGenerator<Buffer> {
  let number = 0
  let part = new Part(partBytes(number))
  for await (const piece of pieces) {
    for (let rest = piece; rest.length > 0; ) {
      rest = part.take(rest)
      if (!part.isFull) continue
      yield part.content()
      part = new Part(partBytes(++number))
    }
  }
  if (!part.isEmpty) yield part.content()
}

/** Copies what it is given: a piece may be a view of a buffer that its reader uses again. */
class Part {
  private buffer: Buffer | undefined
  private used = 0

  constructor(private readonly size: number) {}

  get isFull(): boolean {
    return this.used === this.size
  }

  get isEmpty(): boolean {
    return this.used === 0
  }

  /** Returns what does not fit. */
  take(piece: Uint8Array): Uint8Array {
    const count = Math.min(piece.length, this.size - this.used)
    const buffer = this.room(this.used + count)
    buffer.set(piece.subarray(0, count), this.used)
    this.used += count
    return piece.subarray(count)
  }

  content(): Buffer {
    return (this.buffer ?? Buffer.alloc(0)).subarray(0, this.used)
  }

  private room(bytes: number): Buffer {
    if (this.buffer && this.buffer.length >= bytes) return this.buffer
    // A second growth goes straight to the whole part: copying each doubling would cost more than it saves.
    const capacity = bytes <= firstCapacity ? firstCapacity : this.size
    const larger = Buffer.allocUnsafeSlow(Math.min(capacity, this.size))
    this.buffer?.copy(larger, 0, 0, this.used)
    this.buffer = larger
    return larger
  }
}
