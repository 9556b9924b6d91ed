import type pg from 'pg'
import { serialize } from 'pg-protocol'
import { type Cells, joinedCells } from '../../contract/cells.js'
import { encodeValue, type Statement } from '../../contract/values.js'
import { toParameters, toValue } from './values.js'

/** Bytes of a piece of an answer: enough that pieces cost little, few enough that they are nothing in memory. */
const blockBytes = 262_144
/** Pieces that are read ahead of whoever takes them. */
const blocksAhead = 2
/** Cells of short answers, for which there is room from the beginning. */
const fewCells = 1024

const dataRow = 0x44
const readyForQuery = 0x5a
/** pg has nothing to do for these. */
const bindComplete = 0x32
const commandComplete = 0x43
const point = 0x2e

/**
 * The rows of a statement as they stand in the messages of the server. pg makes a string of every value and an array of every row, which costs several times what the
 * server needs to write them; so while this statement runs, messages are told apart here, and pg gets all of them but the rows.
 */
export class CellsQuery implements pg.Submittable {
  /** By these pg knows what is prepared, once the server says that it is. */
  readonly name: string | undefined
  readonly text: string
  readonly #width: number
  readonly #short: boolean
  readonly #places: Places
  readonly #ready: Cells[] = []
  #connection: pg.Connection | undefined
  #forward: ((data: Buffer) => void) | undefined
  /** Empty: the first message of the server is taken as it comes. */
  #block: Buffer
  #used = 0
  #parsed = 0
  #rows = 0
  #over = false
  #failure: { readonly error: unknown } | undefined
  #wake: () => void = () => undefined

  /**
   * `name`: the connection prepares the text once under it; no other text may have that name there. `short`: the answer is thought to be a page, which costs no memory but
   * its own.
   */
  constructor(
    private readonly statement: Statement,
    { name, short = false }: { readonly name?: string | undefined; readonly short?: boolean } = {},
  ) {
    this.#width = statement.columns.length
    this.#short = short
    this.name = name
    this.text = statement.sql
    this.#block = short ? none : Buffer.allocUnsafe(blockBytes)
    this.#places = (short && spare.pop()) || placesFor(short ? fewCells : blockBytes >> 3)
  }

  /** All rows at once. Throws the server's error. */
  all(): Promise<Cells> {
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        if (this.#failure) reject(this.#failure.error)
        else if (this.#over) resolve(joinedCells(this.#ready))
      }
      this.#wake()
    })
  }

  /** Throws the server's error. Unless it came to its end, the connection still holds what is left of the answer. */
  async *cells(): AsyncGenerator<Cells> {
    for (;;) {
      const cells = this.#ready.shift()
      if (cells) {
        if (this.#ready.length < blocksAhead) this.#connection?.stream.resume()
        yield cells
      } else if (this.#failure) throw this.#failure.error
      else if (this.#over) return
      else await this.#something()
    }
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** pg takes an error that is returned, and would wait for ever behind one that is thrown. */
  submit(connection: pg.Connection): Error | null {
    const { name = '', text } = this
    const bind = serialize.bind({ statement: name, values: toParameters(this.statement.params) })
    const messages = [bind, serialize.execute(), serialize.sync()]
    if (name === '' || !isPrepared(connection, name)) messages.unshift(serialize.parse({ name, text }))
    const [own, ...more] = connection.stream.listeners('data')
    if (!own || more.length > 0) return new Error('The connection is not read by pg alone.')
    this.#connection = connection
    this.#forward = own as (data: Buffer) => void
    connection.stream.off('data', this.#forward)
    connection.stream.on('data', this.#take)
    // A stream that is closed has told pg, or will.
    if (connection.stream.writable) connection.stream.write(Buffer.concat(messages))
    return null
  }

  handleError(error: unknown): void {
    this.#failure ??= { error }
    this.#wake()
  }

  handleCommandComplete(): void {}
  handleReadyForQuery(): void {}
  handleEmptyQuery(): void {}

  readonly #take = (data: Buffer): void => {
    if (this.#block.length === 0) {
      this.#block = data
      this.#used = data.length
    } else {
      if (this.#used + data.length > this.#block.length) this.#nextBlock(data.length)
      this.#block.set(data, this.#used)
      this.#used += data.length
    }
    while (this.#used - this.#parsed >= 5) {
      const end = this.#parsed + 1 + this.#block.readInt32BE(this.#parsed + 1)
      if (end > this.#used) break
      const kind = this.#block[this.#parsed]
      if (kind === readyForQuery) {
        this.#end()
        return
      }
      if (kind === dataRow) this.#row(this.#parsed + 5)
      // Of its own: pg may keep parts of what it is given.
      else if (kind !== bindComplete && kind !== commandComplete)
        this.#forward?.(Buffer.from(this.#block.subarray(this.#parsed, end)))
      this.#parsed = end
    }
  }

  #row(at: number): void {
    const block = this.#block
    let cell = this.#rows * this.#width
    if (cell + this.#width > this.#places.starts.length) this.#moreCells()
    const { starts, lengths } = this.#places
    let from = at + 2
    for (const last = cell + this.#width; cell < last; cell += 1) {
      const length =
        ((block[from] ?? 0) << 24) |
        ((block[from + 1] ?? 0) << 16) |
        ((block[from + 2] ?? 0) << 8) |
        (block[from + 3] ?? 0)
      from += 4
      starts[cell] = from
      lengths[cell] = length
      if (length > 0) from += length
    }
    this.#rows += 1
  }

  #moreCells(): void {
    const grown = (array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(Math.max(2 * array.length, this.#width))
      larger.set(array)
      return larger
    }
    this.#places.starts = grown(this.#places.starts)
    this.#places.lengths = grown(this.#places.lengths)
  }

  /** Hands out the rows of the block, and goes on in another one with what is left of the last message. */
  #nextBlock(needed: number): void {
    const rest = this.#block.subarray(this.#parsed, this.#used)
    const next = Buffer.allocUnsafe(Math.max(blockBytes, 2 * (rest.length + needed)))
    next.set(rest)
    this.#give()
    this.#block = next
    this.#used = rest.length
    this.#parsed = 0
  }

  #give(): void {
    if (this.#rows === 0) return
    const cells = this.#rows * this.#width
    const { starts, lengths } = this.#places
    const read: Cells = {
      rows: this.#rows,
      bytes: this.#block.subarray(0, this.#parsed),
      starts: starts.slice(0, cells),
      lengths: lengths.slice(0, cells),
    }
    this.#rows = 0
    try {
      this.#ready.push(canonical(read, this.statement.columns))
    } catch (error) {
      this.handleError(error)
    }
    if (!this.#short && this.#ready.length >= blocksAhead) this.#connection?.stream.pause()
    this.#wake()
  }

  /** The server waits for the next statement: from here on pg reads again. */
  #end(): void {
    const stream = this.#connection?.stream
    const rest = Buffer.from(this.#block.subarray(this.#parsed, this.#used))
    this.#give()
    if (this.#short && !this.#over && this.#places.starts.length === fewCells && spare.length < maxSpare)
      spare.push(this.#places)
    this.#over = true
    stream?.off('data', this.#take)
    if (this.#forward) {
      stream?.on('data', this.#forward)
      this.#forward(rest)
    }
    stream?.resume()
    this.#wake()
  }
}

const none = Buffer.alloc(0)

/** Where cells are noted while they are read. */
interface Places {
  starts: Int32Array<ArrayBuffer>
  lengths: Int32Array<ArrayBuffer>
}

const placesFor = (cells: number): Places => ({ starts: new Int32Array(cells), lengths: new Int32Array(cells) })

/** Of short answers that came to their end: memory outside of the heap for each costs more than reading them. */
const spare: Places[] = []
const maxSpare = 64

/** pg's own note, which its types leave out. */
const isPrepared = (connection: pg.Connection, name: string): boolean =>
  'parsedStatements' in connection &&
  typeof connection.parsedStatements === 'object' &&
  connection.parsedStatements !== null &&
  name in connection.parsedStatements

/** Most of what the server writes is canonical already; what is not stands behind the block. */
function canonical(cells: Cells, columns: Statement['columns']): Cells {
  const { rows, starts, lengths } = cells
  const bytes = Buffer.from(cells.bytes.buffer, cells.bytes.byteOffset, cells.bytes.length)
  const behind: string[] = []
  let end = bytes.length
  columns.forEach(({ type }, column) => {
    if (type.kind !== 'boolean' && type.kind !== 'timestamp' && type.kind !== 'decimal') return
    for (let i = column; i < rows * columns.length; i += columns.length) {
      const [start = 0, length = -1] = [starts[i], lengths[i]]
      if (length < 0 || (type.kind === 'decimal' && hasScale(bytes, start, length, type.scale))) continue
      const text = String(encodeValue(toValue(bytes.toString('latin1', start, start + length), type)))
      behind.push(text)
      starts[i] = end
      lengths[i] = text.length
      end += text.length
    }
  })
  return behind.length === 0
    ? cells
    : { ...cells, bytes: Buffer.concat([bytes, Buffer.from(behind.join(''), 'latin1')]) }
}

function hasScale(bytes: Uint8Array, start: number, length: number, scale: number): boolean {
  if (scale > 0) return bytes[start + length - scale - 1] === point && length > scale + 1
  for (let i = start; i < start + length; i += 1) if (bytes[i] === point) return false
  return true
}
