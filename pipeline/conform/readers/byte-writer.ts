import { writeSync } from 'node:fs'

const capacity = 1 << 20
const zero = 48

/**
 * A buffer in front of a file. Hot loops write into `buffer` themselves, from `position` on, after `reserve`.
 * Writing is synchronous: it happens in a process that has nothing else to do.
 */
export class ByteWriter {
  buffer = Buffer.allocUnsafe(capacity * 2)
  position = 0

  constructor(private readonly file: number) {}

  /** Makes room for this many bytes. `buffer` may be another one afterwards. */
  reserve(bytes: number): void {
    if (this.position > capacity) this.flush()
    if (this.position + bytes <= this.buffer.length) return
    this.flush()
    if (bytes > this.buffer.length) this.buffer = Buffer.allocUnsafe(bytes)
  }

  flush(): void {
    let written = 0
    while (written < this.position) written += writeSync(this.file, this.buffer, written, this.position - written)
    this.position = 0
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.position++] = value
  }

  number(value: number): void {
    this.reserve(20)
    const { buffer } = this
    let digits = 1
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++
    let rest = value
    for (let at = this.position + digits - 1; at >= this.position; at--) {
      const tenth = Math.floor(rest / 10)
      buffer[at] = zero + rest - tenth * 10
      rest = tenth
    }
    this.position += digits
  }

  bytes(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    const { buffer } = this
    let at = this.position
    for (let index = start; index < end; index++) buffer[at++] = source[index] as number
    this.position = at
  }

  /** A quoted field, its quotes doubled. */
  quoted(source: Uint8Array, start: number, end: number, quote: number): void {
    this.reserve(2 * (end - start) + 2)
    const { buffer } = this
    let at = this.position
    buffer[at++] = quote
    for (let index = start; index < end; index++) {
      const byte = source[index] as number
      if (byte === quote) buffer[at++] = quote
      buffer[at++] = byte
    }
    buffer[at++] = quote
    this.position = at
  }
}
