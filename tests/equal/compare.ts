import { expect } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import type { Config } from '../../src/config/config.js'
import { encodeValue, type Row } from '../../warehouses/contract/values.js'
import type { OracleSource } from '../oracle/input.js'
import { type GoldTables, inTextOrder, recomputeGold } from '../oracle/recompute.js'
import { type GoldCopy, readGold } from '../setup/read-gold.js'

/** Every row and column of what is published, each value as canonical text, in the order in which the rows were read. */
const goldText = (copy: GoldCopy): GoldTables =>
  Object.fromEntries(Object.entries(copy.rows).map(([model, rows]) => [model, rows.map(rowText)]))

const rowText = (row: Row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, encodeValue(value)]))

/** What both warehouses have published, after a proof that it is the same build with the same rows and columns. */
export async function readEqualGold(config: Config): Promise<GoldTables> {
  const copies = await readGold(config)
  const [postgres, duckdb] = [copies.get('postgres'), copies.get('duckdb')]
  if (!postgres || !duckdb) throw new Error(`Published only in: ${[...copies.keys()].join(', ') || 'no warehouse'}`)
  expect(duckdb.buildId).toBe(postgres.buildId)
  const [inPostgres, inDuckdb] = [goldText(postgres), goldText(duckdb)]
  for (const model of goldModels) {
    const rows = inPostgres[model.name] ?? []
    // Rows were read in the order of the grain: both engines must order them alike, too.
    expectSameRows(model.name, inDuckdb[model.name] ?? [], rows)
    const columns = model.columns.map((column) => column.name).join()
    expect(rows.find((row) => Object.keys(row).join() !== columns)).toBeUndefined()
  }
  return Object.fromEntries(Object.entries(inPostgres).map(([model, rows]) => [model, inTextOrder(rows)]))
}

/** Both warehouses equal each other, and equal what plain code makes of the sources. */
export async function expectGoldOf(config: Config, sources: readonly OracleSource[]): Promise<GoldTables> {
  const gold = await readEqualGold(config)
  const expected = recomputeGold(sources)
  // A model that somebody adds has no oracle until he writes one; it must be the same in both warehouses all the same.
  expect(Object.keys(gold)).toEqual(expect.arrayContaining(Object.keys(expected)))
  for (const [model, rows] of Object.entries(expected)) expectSameRows(model, gold[model] ?? [], rows)
  return gold
}

/** In this order of rows; columns may stand in any. Shows some of the rows that differ; a comparison by `toEqual` takes a minute for the rows of facts. */
export function expectSameRows(model: string, found: readonly object[], expected: readonly object[]): void {
  const have = found.map(textOf)
  const want = expected.map(textOf)
  if (have.join() === want.join()) return
  const [haveSet, wantSet] = [new Set(have), new Set(want)]
  const more = have.filter((row) => !wantSet.has(row)).slice(0, 3)
  const missing = want.filter((row) => !haveSet.has(row)).slice(0, 3)
  expect.fail(`${model} differs: ${JSON.stringify({ rows: [have.length, want.length], more, missing }, null, 1)}`)
}

const textOf = (row: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
