import { describe, expect, it } from 'vitest'
import { bigqueryDialectAt, tableIn } from '../../warehouses/adapters/bigquery/dialect.js'
import { analyzerPath } from './analyzer.js'
import { Corpus } from './corpus.js'
import { describeMistakes, mistakesIn, type Specimen } from './judge.js'

const place = { project: 'a-project', dataset: 'goldgate' }
const dialect = bigqueryDialectAt(place)
const corpus = new Corpus(dialect, tableIn(place, 'ledger'))

const judged = async (specimens: readonly Specimen[]): Promise<string> => describeMistakes(await mistakesIn(specimens))

// Where its source is not beside the checkout there is no analyzer: see tests/allowed-skips.json.
describe.skipIf(analyzerPath === undefined)("Google's analyzer takes", () => {
  it('more than 5,000 pages and counts of all Gold models', async () => {
    const questions = corpus.questions(500, 250, 20261121)
    expect(questions.length).toBeGreaterThan(5000)
    expect(new Set(questions.map((each) => each.sql)).size).toBeGreaterThan(questions.length / 2)
    expect(await judged(questions)).toBe('')
    // 20 s on an idle machine with two cores.
  }, 300_000)

  it('groups of all Gold models by any dimensions, in any form', async () => {
    expect(await judged(corpus.groups(60, 20261121))).toBe('')
  }, 300_000)

  it('the rows of several parents, along every reference between Gold models', async () => {
    const relations = corpus.relations(60, 20261121)
    expect(relations.length).toBeGreaterThan(1000)
    expect(await judged(relations)).toBe('')
  }, 300_000)

  it('the SELECT of every Gold model, which has the types that it declares', async () => {
    expect(await judged(corpus.goldSelects())).toBe('')
  })

  it('every check, alone and together with others, and its sample', async () => {
    expect(await judged(await corpus.checks())).toBe('')
  })

  it('every macro and expression of the dialect, over columns of every type', async () => {
    expect(await judged(corpus.expressions())).toBe('')
  })

  it('merges, ledger, the state of sources and DDL of every entity', async () => {
    expect(await judged(corpus.silver())).toBe('')
  })
})
