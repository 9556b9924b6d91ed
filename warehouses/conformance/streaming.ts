import type { BuildRef } from '../contract/builds.js'
import type { Cells } from '../contract/cells.js'
import { decodeValue, encodeValue, type Row, type Statement } from '../contract/values.js'
import type { QueryOptions, WarehouseReader } from '../contract/warehouse.js'
import { equal } from './expect.js'

/** One of the members of a warehouse besides `query` that hand out rows, or their text. What holds for one holds for all of them. */
export interface Way {
  readonly name: 'stream' | 'cells' | 'queryCells'
  pieces(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<readonly Row[]>
}

/** Those that this warehouse has. */
export function waysOf(warehouse: WarehouseReader): readonly Way[] {
  const { cells, queryCells } = warehouse
  return [
    { name: 'stream', pieces: (...asked) => warehouse.stream(...asked) },
    ...(cells ? [textWay('cells', cells.bind(warehouse))] : []),
    ...(queryCells ? [textWay('queryCells', asOnePiece(queryCells.bind(warehouse)))] : []),
  ]
}

type Asked = Parameters<WarehouseReader['query']>

const textWay = (name: Way['name'], read: (...asked: Asked) => AsyncIterable<Cells>): Way => ({
  name,
  async *pieces(...asked) {
    for await (const piece of read(...asked)) yield rowsOf(piece, asked[0])
  },
})

const asOnePiece = (read: (...asked: Asked) => Promise<Cells>) =>
  async function* (...asked: Asked): AsyncGenerator<Cells> {
    yield await read(...asked)
  }

export async function allRows(pieces: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const piece of pieces) rows.push(...piece)
  return rows
}

function rowsOf({ rows, bytes, starts, lengths }: Cells, { columns }: Statement): readonly Row[] {
  return Array.from({ length: rows }, (_, row) => {
    const cells = columns.map(({ name, type }, column) => {
      const cell = row * columns.length + column
      const [start = 0, length = -1] = [starts[cell], lengths[cell]]
      const text = length < 0 ? null : Buffer.from(bytes.subarray(start, start + length)).toString('utf8')
      const value = decodeValue(text, type)
      equal(encodeValue(value), text, 'the canonical text')
      return [name, value] as const
    })
    return Object.fromEntries(cells)
  })
}
