import { describe, expect, it } from 'vitest'
import { duckdbDialect } from '../adapters/duckdb/dialect.js'
import { postgresDialect } from '../adapters/postgres/dialect.js'
import { TemplateError } from './errors.js'
import { macroSpecs } from './macros.js'
import { type RenderContext, renderTemplate, templateReferences } from './render.js'

const context: RenderContext = {
  dialect: postgresDialect,
  silver: (entity) => (entity === 'sales' ? '"silver"."sales"' : undefined),
  gold: (model) => (model === 'daily_revenue' ? '"gold_builds"."daily_revenue__b1"' : undefined),
}
const render = (text: string, dialect = postgresDialect): string =>
  renderTemplate({ file: 'sql/gold/x.sql', text }, { ...context, dialect }).sql

function mistake(text: string): string {
  try {
    render(text)
  } catch (error) {
    if (error instanceof TemplateError) return error.message
    throw error
  }
  throw new Error('The template was taken.')
}

describe('a SQL template', () => {
  it('names tables and lists each name once', () => {
    const text = "SELECT * FROM {{ silver('sales') }} JOIN {{silver('sales')}} JOIN {{ gold( 'daily_revenue' ) }}"
    const rendered = renderTemplate({ file: 'x.sql', text }, context)
    expect(rendered).toEqual({
      sql: 'SELECT * FROM "silver"."sales" JOIN "silver"."sales" JOIN "gold_builds"."daily_revenue__b1"',
      silver: ['sales'],
      gold: ['daily_revenue'],
    })
    expect(templateReferences({ file: 'x.sql', text })).toEqual({ silver: ['sales'], gold: ['daily_revenue'] })
  })

  it('takes a doubled quote in an argument for one', () => {
    expect(render("{{ least('COALESCE(a, ''x'')', 'b') }}")).toBe("LEAST(COALESCE(a, 'x'), b)")
  })

  it('leaves strings, quoted identifiers and comments as they are', () => {
    const text = "SELECT '{{ it''s }}', \"{{\" -- don't {{ touch\n/* {{ nor 'this }} */ FROM t"
    expect(render(text)).toBe(text)
  })

  it('hands over every macro to its dialect', () => {
    const calls = [
      "{{ trunc_date('month', 'd') }}",
      "{{ weekday('d') }}",
      "{{ days_between('a', 'b') }}",
      "{{ add_days('d', '1') }}",
      "{{ month_end('d') }}",
      "{{ month_ends('a', 'b') }}",
      "{{ ratio('n', 'd', 2) }}",
      "{{ mul('a', 'b') }}",
      "{{ round('x', 2) }}",
      "{{ least('a', 'b') }}",
      "{{ greatest('a', 'b') }}",
      "{{ cast('x', 'decimal(18,2)') }}",
      "{{ cast('x', 'text') }}",
    ]
    for (const dialect of [postgresDialect, duckdbDialect]) {
      expect(Object.fromEntries(calls.map((call) => [call, render(call, dialect)]))).toMatchSnapshot(dialect.name)
    }
    expect([...macroSpecs.keys()].every((name) => calls.some((call) => call.includes(` ${name}(`)))).toBe(true)
  })

  it.each([
    [
      "SELECT\n  {{ nope('x') }}",
      /^sql\/gold\/x\.sql:2:6: There is no macro 'nope'\. There are: silver\('name'\), gold\('name'\), trunc_date\('grain', 'date'\)/,
    ],
    ["{{ silver('sails') }}", /:1:4: There is no entity named 'sails'/],
    ["{{ gold('nope') }}", /:1:4: There is no Gold model named 'nope'/],
    ["{{ ratio('a', 'b') }}", /:1:4: ratio\('numerator', 'denominator', scale\) takes 3 arguments, not 2/],
    ["{{ ratio('a', 'b', '2') }}", /:1:20: .*scale is a whole number without quotes/],
    ["{{ ratio('a', 'b', 10) }}", /:1:4: A scale is a whole number from 0 to 9, not 10/],
    ["{{ mul('a', 2) }}", /:1:13: .*right is written in single quotes/],
    ["{{ mul('a', ' ') }}", /:1:13: .*right is empty/],
    ["{{ trunc_date('hour', 'd') }}", /:1:4: 'hour' is not a grain: day, week, month, quarter, year/],
    ["{{ cast('x', 'money') }}", /:1:4: 'money' is not a type/],
    ["{{ cast('x', 'decimal(39,2)') }}", /:1:4: 'decimal\(39,2\)' is not a type/],
    ['{{ }}', /:1:4: Expected the name of a macro/],
    ["{{ mul 'a' }}", /:1:8: Expected \( after mul/],
    ['{{ mul(a, b) }}', /:1:8: Expected SQL in single quotes or a whole number/],
    ["{{ mul('a' 'b') }}", /:1:12: Expected , or \)/],
    ["{{ mul('a', 'b')", /:1:17: Expected \}\}/],
    ['SELECT 1 }}', /:1:10: There is no \{\{ for this/],
  ])('says where and what is wrong in %j', (text, message) => {
    expect(mistake(text)).toMatch(message)
  })
})
