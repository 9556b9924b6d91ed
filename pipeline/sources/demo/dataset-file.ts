import { type FileHandle, open } from 'node:fs/promises'
import { ByteBuffer } from './byte-buffer.js'
import type { Row } from './datasets.js'
import type { Encoding } from './encode.js'

const pieceBytes = 512 * 1024

/** One dataset's file, written in large pieces. Memory is two pieces: one being written, one being filled. */
export class DatasetFile {
  rows = 0
  bytes = 0
  private filling = new ByteBuffer(pieceBytes * 1.25)
  private leaving = new ByteBuffer(pieceBytes * 1.25)
  private writing: Promise<void> = Promise.resolve()

  private constructor(
    private readonly handle: FileHandle,
    private readonly encoding: Encoding,
  ) {
    this.filling.ascii(encoding.opening)
  }

  static async create(path: string, encoding: Encoding): Promise<DatasetFile> {
    return new DatasetFile(await open(path, 'wx'), encoding)
  }

  /** True when `flush` is due; nothing is awaited for the rows between. */
  add(row: Row): boolean {
    if (this.rows > 0) this.filling.ascii(this.encoding.separator)
    this.encoding.row(row, this.filling)
    this.rows++
    return this.filling.length >= pieceBytes
  }

  /** Waits until the piece before is written, then begins to write this one: back-pressure while the next is filled. */
  async flush(): Promise<void> {
    await this.writing
    const full = this.filling
    this.filling = this.leaving
    this.filling.clear()
    this.leaving = full
    this.bytes += full.length
    this.writing = this.handle.writeFile(full.view())
    // The next await reports it; until then it must not count as unhandled.
    this.writing.catch(() => {})
  }

  /** A dataset without rows gets no closing in NDJSON: its file is empty. */
  async finish(): Promise<void> {
    if (this.rows > 0 || this.encoding.opening !== '') this.filling.ascii(this.encoding.closing)
    await this.flush()
    await this.writing
    await this.handle.close()
  }

  async abandon(): Promise<void> {
    await this.writing.catch(() => {})
    await this.handle.close().catch(() => {})
  }
}
