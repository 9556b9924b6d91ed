import { LRUCache } from 'lru-cache'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { encodeValue, type Row, type Statement } from '../../warehouses/contract/values.js'
import type { QueryOptions, WarehouseReader } from '../../warehouses/contract/warehouse.js'
import { SharedWork } from './shared-work.js'

/** Memory of a row and of a value beside its characters, roughly. */
const rowBytes = 100
const valueBytes = 32

/**
 * Rows that statements gave, by warehouse, build, text and all bound values. Never stale: a build never changes. Equal statements that are asked for
 * at the same time run once.
 */
export class StatementCache {
  private readonly known: LRUCache<string, readonly Row[]>
  private readonly running = new SharedWork<readonly Row[]>()

  /** `onLookup` is told of each statement whether its rows were there. */
  constructor(
    maxBytes: number,
    private readonly onLookup?: (hit: boolean) => void,
  ) {
    this.known = new LRUCache<string, readonly Row[]>({ maxSize: maxBytes })
  }

  /** `permit` is asked for a statement whose rows are not known, by its key, before it runs. */
  async query(
    warehouse: WarehouseReader,
    build: BuildRef,
    statement: Statement,
    options: QueryOptions,
    permit?: (key: string) => Promise<void>,
  ): Promise<readonly Row[]> {
    const key = keyOf(warehouse, build, statement)
    const known = this.known.get(key)
    this.onLookup?.(known !== undefined)
    if (known) return known
    if (permit) {
      await permit(key)
      // Another one may have read them meanwhile.
      const late = this.known.get(key)
      if (late) return late
    }
    const { signal, requestId, ...limits } = options
    // One who may wait longer, or read more, does not share the fate of one who may not.
    const flight = `${limits.timeoutMs} ${limits.maxBytesBilled} ${key}`
    return this.running.run(
      flight,
      signal,
      async (all) => {
        const rows = await warehouse.query(statement, [build], {
          ...{ ...limits, signal: all },
          ...(requestId === undefined ? {} : { requestId }),
        })
        this.known.set(key, rows, { size: sizeOf(key, rows) })
        return rows
      },
      () => new WarehouseError('CANCELLED', warehouse.name, 'Whoever asked went away.'),
    )
  }
}

/** The types of values are in the statement's text, as casts. */
const keyOf = (warehouse: WarehouseReader, build: BuildRef, { sql, params }: Statement): string =>
  JSON.stringify([warehouse.name, build.tag, sql, params.map(({ value }) => encodeValue(value))])

function sizeOf(key: string, rows: readonly Row[]): number {
  let size = 2 * key.length + rowBytes
  for (const row of rows) {
    size += rowBytes
    for (const name in row) {
      const value = row[name]
      size += valueBytes + (typeof value === 'string' ? 2 * value.length : 0)
    }
  }
  return size
}
