import { isUtf8 } from 'node:buffer'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { QuarantineCode } from './contract.js'
import { ByteWriter } from './readers/byte-writer.js'
import type { CleanLayout, RecordSink } from './readers/record-sink.js'

const separator = 31
const quote = 34
const lineFeed = 10
/** Of a raw row that is kept in quarantine. */
const keptRawBytes = 64 * 1024

/** A file that is written through a `ByteWriter`. */
class WrittenFile {
  readonly writer: ByteWriter
  private readonly file: number

  constructor(readonly path: string) {
    this.file = openSync(path, 'w')
    this.writer = new ByteWriter(this.file)
  }

  close(): void {
    this.writer.flush()
    closeSync(this.file)
  }
}

/** The files between the readers and DuckDB: a clean copy of each object, the records that were rejected, raw text where it is asked for. */
export class CleanFiles {
  readonly rejectsPath: string
  private readonly rejects: WrittenFile

  private constructor(private readonly directory: string) {
    this.rejectsPath = join(directory, 'rejects.csv')
    this.rejects = new WrittenFile(this.rejectsPath)
  }

  static async create(workDirectory: string): Promise<CleanFiles> {
    const directory = join(workDirectory, 'clean')
    await mkdir(directory, { recursive: true })
    return new CleanFiles(directory)
  }

  /** The clean copy's name is the object's number: the views find the object by it. */
  pathOf(ordinal: number): string {
    return join(this.directory, `${ordinal}.csv`)
  }

  /** Reads one object into its clean copy. */
  async copy<Result>(
    ordinal: number,
    read: (sink: RecordSink) => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly layout: CleanLayout | undefined }> {
    const file = new WrittenFile(this.pathOf(ordinal))
    let layout: CleanLayout | undefined
    try {
      const result = await read({
        open: (opened) => {
          layout = opened
          return file.writer
        },
        reject: (row, reason, bytes, start, end, column) =>
          this.writeReject(ordinal, row, reason, bytes.subarray(start, end), column ?? ''),
      })
      return { result, layout }
    } finally {
      file.close()
    }
  }

  /** Writes `ordinal, row, raw text` of the wanted rows of one object. */
  async extractRaw(
    ordinal: number,
    wanted: ReadonlySet<number> | undefined,
    read: (sink: RecordSink) => Promise<unknown>,
  ): Promise<string> {
    const file = new WrittenFile(join(this.directory, `raw-${ordinal}.csv`))
    const { writer } = file
    try {
      await read({
        open: () => undefined,
        reject: () => {},
        raw: (row, bytes, start, end) => {
          if (wanted && !wanted.has(row)) return
          writer.number(row)
          writer.byte(separator)
          writeText(writer, bytes.subarray(start, end))
          writer.byte(lineFeed)
        },
      })
      return file.path
    } finally {
      file.close()
    }
  }

  closeRejects(): void {
    this.rejects.close()
  }

  private writeReject(ordinal: number, row: number, reason: QuarantineCode, raw: Buffer, column: string): void {
    const { writer } = this.rejects
    writer.number(ordinal)
    writer.byte(separator)
    writer.number(row)
    for (const text of [Buffer.from(reason), Buffer.from(column), raw]) {
      writer.byte(separator)
      writeText(writer, text)
    }
    writer.byte(lineFeed)
  }
}

/** As text that any database can hold: NUL as ␀, bytes that are no text as U+FFFD, not longer than `keptRawBytes`. */
function writeText(writer: ByteWriter, raw: Buffer): void {
  const kept = raw.length > keptRawBytes ? raw.subarray(0, keptRawBytes) : raw
  const fine = kept === raw && isUtf8(kept) && !kept.includes(0)
  const text = fine
    ? kept
    : Buffer.from(kept.toString('utf8').replaceAll('\0', '␀') + (kept === raw ? '' : ' …'), 'utf8')
  writer.quoted(text, 0, text.length, quote)
}
