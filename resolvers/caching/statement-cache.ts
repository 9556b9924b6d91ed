import { LRUCache } from 'lru-cache'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import { type Cells, cellsFrom, rowsOf } from '../../warehouses/contract/cells.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { encodeValue, type Row, type Statement } from '../../warehouses/contract/values.js'
import type { QueryOptions, WarehouseReader } from '../../warehouses/contract/warehouse.js'
import { SharedWork } from './shared-work.js'

/** Memory of a row and of a value beside its characters, roughly. */
const rowBytes = 100
const valueBytes = 32

/** What a statement is run with when nobody knows its answer. */
export interface Asked<T> {
  readonly warehouse: WarehouseReader
  readonly build: BuildRef
  readonly statement: Statement
  readonly options: QueryOptions
  /** Asked for a statement whose answer is not known, by its key, before it runs. */
  readonly permit?: ((key: string) => Promise<void>) | undefined
  run(options: QueryOptions): Promise<T>
}

/**
 * Answers to statements by warehouse, build, text and all bound values. Never stale: a build never changes. Equal statements that are asked for
 * at the same time run once.
 */
class KeptAnswers<T extends object> {
  private readonly known: LRUCache<string, T>
  private readonly running = new SharedWork<T>()

  /** `elsewhere` may have it in another form; `onLookup` is told of each statement whether its answer was there. */
  constructor(
    maxBytes: number,
    private readonly sizeOf: (answer: T) => number,
    private readonly elsewhere: (key: string, statement: Statement) => T | undefined,
    private readonly onLookup?: (hit: boolean) => void,
  ) {
    this.known = new LRUCache<string, T>({ maxSize: maxBytes })
  }

  /** Where there is no need to read anything. */
  peek(key: string): T | undefined {
    return this.known.get(key)
  }

  private look(key: string, statement: Statement): T | undefined {
    return this.known.get(key) ?? this.elsewhere(key, statement)
  }

  async get({ warehouse, build, statement, options, permit, run }: Asked<T>): Promise<T> {
    const key = keyOf(warehouse, build, statement)
    const known = this.look(key, statement)
    this.onLookup?.(known !== undefined)
    if (known) return known
    if (permit) {
      await permit(key)
      // Another one may have read it meanwhile.
      const late = this.look(key, statement)
      if (late) return late
    }
    const { signal, requestId, ...limits } = options
    // One who may wait longer, or read more, does not share the fate of one who may not.
    const flight = `${limits.timeoutMs} ${limits.maxBytesBilled} ${key}`
    return this.running.run(
      flight,
      signal,
      async (all) => {
        const answer = await run({
          ...{ ...limits, signal: all },
          ...(requestId === undefined ? {} : { requestId }),
        })
        this.known.set(key, answer, { size: 2 * key.length + rowBytes + this.sizeOf(answer) })
        return answer
      },
      () => new WarehouseError('CANCELLED', warehouse.name, 'Whoever asked went away.'),
    )
  }
}

/** Answers to statements, as rows and as text, half of the memory for each: what is known in one form is not read for the other. */
export class StatementCache {
  readonly rows: KeptAnswers<readonly Row[]>
  readonly cells: KeptAnswers<Cells>

  /** `onLookup` is told of each statement whether its answer was there. */
  constructor(maxBytes: number, onLookup?: (hit: boolean) => void) {
    const asRows = (key: string, { columns }: Statement) => {
      const cells = this.cells.peek(key)
      return cells && rowsOf(cells, columns)
    }
    const asCells = (key: string, statement: Statement) => {
      const rows = this.rows.peek(key)
      return rows && cellsFrom(rows, statement)
    }
    this.rows = new KeptAnswers<readonly Row[]>(maxBytes / 2, sizeOfRows, asRows, onLookup)
    this.cells = new KeptAnswers<Cells>(maxBytes / 2, sizeOfCells, asCells, onLookup)
  }
}

/** The types of values are in the statement's text, as casts. */
const keyOf = (warehouse: WarehouseReader, build: BuildRef, { sql, params }: Statement): string =>
  JSON.stringify([warehouse.name, build.tag, sql, params.map(({ value }) => encodeValue(value))])

function sizeOfRows(rows: readonly Row[]): number {
  let size = 0
  for (const row of rows) {
    size += rowBytes
    for (const name in row) {
      const value = row[name]
      size += valueBytes + (typeof value === 'string' ? 2 * value.length : 0)
    }
  }
  return size
}

/** Of all that the arrays lie in. */
const sizeOfCells = ({ bytes, starts, lengths }: Cells): number =>
  bytes.buffer.byteLength + starts.buffer.byteLength + lengths.buffer.byteLength
