import { expect } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import type { Config } from '../../src/config/config.js'
import { encodeValue, type Row } from '../../warehouses/contract/values.js'
import type { OracleSource } from '../oracle/input.js'
import { type GoldTables, inTextOrder, recomputeGold } from '../oracle/recompute.js'
import { type GoldCopy, readGold } from '../setup/read-gold.js'

/** Every row and column of what is published, each value as canonical text, in the order of the rows' text. */
function goldText(copy: GoldCopy): GoldTables {
  return Object.fromEntries(Object.entries(copy.rows).map(([model, rows]) => [model, inTextOrder(rows.map(rowText))]))
}

const rowText = (row: Row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, encodeValue(value)]))

/** What both warehouses have published, after a proof that it is the same build with the same rows and columns. */
export async function readEqualGold(config: Config): Promise<GoldTables> {
  const copies = await readGold(config)
  const [postgres, duckdb] = [copies.get('postgres'), copies.get('duckdb')]
  if (!postgres || !duckdb) throw new Error(`Published only in: ${[...copies.keys()].join(', ') || 'no warehouse'}`)
  expect(duckdb.buildId).toBe(postgres.buildId)
  const text = goldText(postgres)
  // Rows were read in the order of the grain: both engines must order them alike, too.
  expect(duckdb.rows).toEqual(postgres.rows)
  for (const model of goldModels) {
    const columns = model.columns.map((column) => column.name)
    for (const row of text[model.name] ?? []) expect(Object.keys(row)).toEqual(columns)
  }
  return text
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

/** Shows the rows that differ, and not all of them. */
function expectSameRows(model: string, found: readonly object[], expected: readonly object[]): void {
  const have = found.map((row) => JSON.stringify(row))
  const want = expected.map((row) => JSON.stringify(row))
  if (have.join() === want.join()) return
  const [haveSet, wantSet] = [new Set(have), new Set(want)]
  const more = have.filter((row) => !wantSet.has(row)).slice(0, 3)
  const missing = want.filter((row) => !haveSet.has(row)).slice(0, 3)
  expect.fail(`${model} differs: ${JSON.stringify({ rows: [have.length, want.length], more, missing }, null, 1)}`)
}
