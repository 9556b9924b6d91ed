import type { BuildRef } from '../contract/builds.js'
import { decodeValue, encodeValue, type Row, type Statement } from '../contract/values.js'
import type { QueryOptions, WarehouseReader } from '../contract/warehouse.js'
import { equal } from './expect.js'

/** One of the members of a warehouse that hand out rows piece by piece. What holds for one holds for all of them. */
export interface Way {
  readonly name: 'stream' | 'cells'
  pieces(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<readonly Row[]>
}

/** Those that this warehouse has. */
export function waysOf(warehouse: WarehouseReader): readonly Way[] {
  const stream: Way = { name: 'stream', pieces: (...asked) => warehouse.stream(...asked) }
  return warehouse.cells
    ? [stream, { name: 'cells', pieces: (...asked) => rowsOfCells(warehouse, ...asked) }]
    : [stream]
}

export async function allRows(pieces: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const piece of pieces) rows.push(...piece)
  return rows
}

async function* rowsOfCells(
  warehouse: WarehouseReader,
  statement: Statement,
  builds: readonly BuildRef[],
  options?: QueryOptions,
): AsyncGenerator<readonly Row[]> {
  for await (const { rows, bytes, starts, lengths } of warehouse.cells?.(statement, builds, options) ?? [])
    yield Array.from({ length: rows }, (_, row) => {
      const cells = statement.columns.map(({ name, type }, column) => {
        const cell = row * statement.columns.length + column
        const [start = 0, length = -1] = [starts[cell], lengths[cell]]
        const text = length < 0 ? null : Buffer.from(bytes.subarray(start, start + length)).toString('utf8')
        const value = decodeValue(text, type)
        equal(encodeValue(value), text, 'the canonical text')
        return [name, value] as const
      })
      return Object.fromEntries(cells)
    })
}
