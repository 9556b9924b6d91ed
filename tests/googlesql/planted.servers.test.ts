import { describe, expect, it } from 'vitest'
import { bigqueryDialectAt, tableIn } from '../../warehouses/adapters/bigquery/dialect.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import { analyzerPath } from './analyzer.js'
import { Corpus } from './corpus.js'
import { describeMistakes, mistakesIn, type Specimen } from './judge.js'

const place = { project: 'a-project', dataset: 'goldgate' }
const right = bigqueryDialectAt(place)
const corpusOf = (dialect: Dialect) => new Corpus(dialect, tableIn(place, 'ledger'))

/** Mistakes of a kind that an emulator may well take, each with the part of the corpus that has to see it. */
const mistakes: readonly {
  readonly what: string
  readonly dialect: Dialect
  readonly part: (corpus: Corpus) => Specimen[] | Promise<Specimen[]>
  readonly reason: RegExp
}[] = [
  {
    what: 'names in double quotes, which are texts in BigQuery',
    dialect: { ...right, quote: (name) => `"${name}"` },
    part: (corpus) => corpus.questions(5, 0, 1),
    reason: /Could not cast literal \\?"revenue_date\\?" to type DATE/,
  },
  {
    what: 'a function of another engine',
    dialect: { ...right, startsWith: (text, prefix) => `(LIST_CONTAINS([${text}], ${prefix}))` },
    part: (corpus) => corpus.questions(0, 60, 1),
    reason: /Function not found: LIST_CONTAINS/,
  },
  {
    what: 'a comparison of two types',
    dialect: { ...right, param: (n) => `CAST(@p${n} AS STRING)` },
    part: (corpus) => corpus.questions(0, 20, 1),
    reason: /No matching signature for operator/,
  },
  {
    what: 'an unknown type',
    dialect: {
      ...right,
      cast: (expression, type) => `CAST(${expression} AS ${type.kind === 'decimal' ? 'HUGEINT' : 'STRING'})`,
    },
    part: (corpus) => corpus.goldSelects(),
    reason: /Type not found: HUGEINT/,
  },
  {
    what: 'a column of another type than the model declares',
    dialect: { ...right, cast: (expression) => `CAST(${expression} AS STRING)` },
    part: (corpus) => corpus.goldSelects(),
    reason: /it answers \(source STRING, .*, not \(source STRING, .*(DATE|NUMERIC)/,
  },
  {
    what: 'a month as a text',
    dialect: { ...right, macros: { ...right.macros, truncDate: (grain, date) => `DATE_TRUNC('${grain}', ${date})` } },
    part: (corpus) => corpus.expressions(),
    reason: /^trunc_date month: Could not cast literal "month" to type DATE/m,
  },
  {
    what: 'a binary float',
    dialect: { ...right, macros: { ...right.macros, mul: (left, right) => `(${left} / ${right})` } },
    part: (corpus) => corpus.expressions(),
    reason: /^mul of count and count: x is a FLOAT64/m,
  },
  {
    what: 'a table that is not there',
    dialect: { ...right, silverTable: (entity) => `\`silver\`.\`${entity}\`` },
    part: (corpus) =>
      corpusOf(right)
        .goldSelects()
        .concat(corpus.goldSelects().map((each) => ({ ...each, tables: [] }))),
    reason: /not found/,
  },
  {
    what: 'a column that a table does not have',
    dialect: right,
    part: async (corpus) => {
      const [first] = await corpus.checks()
      return first === undefined ? [] : [{ ...first, sql: first.sql.replace('source', 'sauce') }]
    },
    reason: /Unrecognized name: sauce/,
  },
  {
    what: 'a type that DDL does not know',
    dialect: { ...right, ddlType: () => 'VARCHAR' },
    part: (corpus) => corpus.silver(),
    reason: /Type not found: VARCHAR/,
  },
]

describe.skipIf(analyzerPath === undefined)("Google's analyzer finds", () => {
  it.each(mistakes.map((each) => [each.what, each] as const))('%s', async (_what, { dialect, part, reason }) => {
    const found = describeMistakes(await mistakesIn(await part(corpusOf(dialect))))
    expect(found).toMatch(reason)
  })

  it('the one wrong statement among many, and says where it is and what it says', async () => {
    const specimens = corpusOf(right).questions(50, 0, 1)
    const planted = { place: 'planted', sql: 'SELECT source FROM nowhere', tables: [], parameters: [] }
    specimens.splice(170, 0, planted)
    const found = await mistakesIn(specimens)
    expect(found).toEqual([{ place: 'planted', sql: planted.sql, reason: expect.stringMatching(/nowhere/) }])
  })
})
