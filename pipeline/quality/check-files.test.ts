import { describe, expect, it } from 'vitest'
import { duckdbDialect } from '../../warehouses/adapters/duckdb/dialect.js'
import { checkFileNames, fileCheck } from './check-files.js'

const context = {
  dialect: duckdbDialect,
  silver: (name: string) => (name === 'sales' ? '"silver"."sales"' : undefined),
  gold: () => undefined,
}
const read = (text: string) => fileCheck('some', { file: 'sql/checks/some.sql', text }, context)

describe('a check in a file', () => {
  it('takes severity, description and sample columns from its header and tables from its macros', () => {
    const header = '-- severity: warn\n-- describes: Sales are there.\n-- shows: source, sale_id\n'
    expect(read(`${header}SELECT * FROM {{ silver('sales') }};\n`)).toEqual({
      name: 'some',
      severity: 'warn',
      description: 'Sales are there.',
      shows: ['source', 'sale_id'],
      sql: `${header}SELECT * FROM "silver"."sales"`,
    })
  })

  it('says what a header lacks', () => {
    expect(() => read('SELECT 1')).toThrow('sql/checks/some.sql has no line "-- severity: …"')
    expect(() => read('-- severity: fatal\n-- describes: x\n-- shows: y\nSELECT 1')).toThrow('error or warn, not fatal')
    expect(() => read('-- severity: warn\n-- describes: x\nSELECT 1')).toThrow('has no line "-- shows: …"')
  })

  it('is found by its name alone', () => {
    expect(checkFileNames()).toContain('revenue_of_days')
  })
})
