import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calendar, early, north, sparse } from './edge-cases.js'
import { buildGold, type Engine, fillSilver, openDuckDb, openPostgres, readGold } from './engine.js'
import { randomSources } from './random-sources.js'
import { recomputeGold } from './recompute.js'

describe.each([
  ['DuckDB', openDuckDb],
  ['PostgreSQL', openPostgres],
] as const)('Gold SQL in %s', (_name, open) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await open()
  })
  afterAll(() => engine.close())

  it('gives every settled edge case as the oracle does', async () => {
    const sources = [north, sparse, early, calendar]
    await fillSilver(engine, sources)
    await buildGold(engine)
    expect(await readGold(engine)).toEqual(recomputeGold(sources))
  })

  it.each([1, 2, 3, 4, 5, 6])('gives what the oracle gives on random rows, seed %i', async (seed) => {
    const sources = randomSources(seed)
    await fillSilver(engine, sources)
    await buildGold(engine)
    expect(await readGold(engine)).toEqual(recomputeGold(sources))
  })

  it('gives empty tables for an empty Silver', async () => {
    await fillSilver(engine, [])
    await buildGold(engine)
    expect(await readGold(engine)).toEqual(recomputeGold([]))
  })
})
