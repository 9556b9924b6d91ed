import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decimal, dimension, measure, sourceDimension, sum } from '../../models/columns.js'
import type { GoldModel } from '../../models/types.js'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import { packageRoot } from '../package-root.js'
import { goldPlan } from './gold-plan.js'
import { readSqlFile } from './sql-files.js'

const build = { buildId: 'b1', tag: 'b1_7' }
const named = (name: string): GoldModel => ({
  name,
  description: '',
  grain: ['source'],
  columns: [sourceDimension, dimension('Day "1"', { kind: 'date' }, ''), measure('amount', decimal(18, 2), sum, '')],
  defaultOrder: [],
  rowChecks: [],
})
const plan = (files: Readonly<Record<string, string>>, dialect = postgresDialect) =>
  goldPlan({
    models: Object.keys(files).map(named),
    entities: ['sales'],
    dialect,
    build,
    template: (model) => ({ file: `sql/gold/${model.name}.sql`, text: files[model.name] ?? '' }),
  })

describe('the plan of a Gold build', () => {
  it('puts a model behind the ones it reads and otherwise keeps the order given', () => {
    const steps = plan({
      a: "SELECT * FROM {{ gold('c') }}",
      b: "SELECT * FROM {{ silver('sources') }}",
      c: "SELECT * FROM {{ gold('d') }}",
      d: 'SELECT 1',
    })
    expect(steps.map((step) => step.model.name)).toEqual(['d', 'c', 'a', 'b'])
    expect(steps[2]?.gold).toEqual(['c'])
    expect(steps[3]?.silver).toEqual(['sources'])
  })

  it('names the circle in which models read each other', () => {
    const files = {
      a: "SELECT * FROM {{ gold('b') }}",
      b: "SELECT * FROM {{ gold('c') }}",
      c: "SELECT * FROM {{ gold('b') }}",
    }
    expect(() => plan(files)).toThrow('b → c → b')
    expect(() => plan({ a: "SELECT * FROM {{ gold('a') }}" })).toThrow('a → a')
  })

  it.each([postgresDialect, duckdbDialect])(
    'wraps the SELECT in the types that the model declares ($name)',
    (dialect) => {
      const [step] = plan(
        { a: 'SELECT source, "Day ""1""", amount\nFROM {{ silver(\'sales\') }} -- as it is\n;\n' },
        dialect,
      )
      expect(step?.select).toMatchSnapshot()
    },
  )

  it('refuses a table that nobody declared', () => {
    expect(() => plan({ a: "SELECT * FROM {{ gold('nope') }}" })).toThrow(
      "sql/gold/a.sql:1:18: There is no Gold model named 'nope'.",
    )
    expect(() => plan({ a: "SELECT * FROM {{ silver('nope') }}" })).toThrow("There is no entity named 'nope'.")
  })
})

describe('files of sql/', () => {
  it('lie in the package, wherever the code runs', () => {
    expect(existsSync(join(packageRoot(), 'package.json'))).toBe(true)
  })

  it('are missed by name', () => {
    expect(() => readSqlFile('gold/nope.sql', duckdbDialect)).toThrow('There is no file sql/gold/nope.sql.')
  })
})
