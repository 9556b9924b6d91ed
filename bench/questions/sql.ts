import type { GoldColumn, GoldModel, Measure } from '../../models/types.js'
import type { Condition, Question, Term } from './generate.js'

/** What a column comes back as: no column's own name, which ORDER BY would take for the text. */
export const textOf = (column: GoldColumn): string => `${column.name} as text`
/** What the denominator of a quotient comes back as. */
export const perOf = (column: GoldColumn): string => `per ${column.name}`

/**
 * The question as an analyst writes it in DuckDB, without a line of what Goldgate makes SQL with. All columns come back as text; of a quotient the
 * numerator and the denominator.
 */
export function toSql(question: Question): string {
  const { model, where, shown, grouped, having, order } = question
  const table = name(model.name)
  const filter = where ? ` WHERE ${conditionOf(where, plain)}` : ''
  if (!grouped) {
    const columns = shown.map(({ column }) => `${name(column.name)}::VARCHAR AS ${name(textOf(column))}`)
    return `SELECT ${columns.join(', ')} FROM ${table}${filter} ORDER BY ${order.map((term) => termOf(term, plain)).join(', ')}`
  }
  const dimensions = shown.filter(({ column }) => column.role === 'dimension')
  const value = (column: GoldColumn): string => {
    if (column.role === 'measure') return measureOf(column)
    const grain = dimensions.find((each) => each.column === column)?.grain
    return grain ? `date_trunc('${grain}', ${name(column.name)})::DATE` : name(column.name)
  }
  const columns = shown.flatMap(({ column }) =>
    column.role === 'measure' && column.adds.how === 'ratio'
      ? quotientOf(model, column)
      : [`(${value(column)})::VARCHAR AS ${name(textOf(column))}`],
  )
  const keys = dimensions.map(({ column }) => value(column))
  return [
    `SELECT ${columns.join(', ')} FROM ${latestOf(model, keys, `SELECT * FROM ${table}${filter}`)}`,
    // Groups of no rows are none; a grand total is one row also of none.
    keys.length > 0 ? `GROUP BY ${keys.join(', ')}` : '',
    having ? `HAVING ${conditionOf(having, value)}` : '',
    order.length > 0 ? `ORDER BY ${order.map((term) => termOf(term, value)).join(', ')}` : '',
  ].join(' ')
}

type ValueOf = (column: GoldColumn) => string
const plain: ValueOf = (column) => name(column.name)
const name = (identifier: string): string => `"${identifier}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The rows with a mark on the latest of each key, where the model has a date to tell by. */
function latestOf(model: GoldModel, groups: readonly string[], rows: string): string {
  const date = model.columns.find((column) => model.grain.includes(column.name) && column.type.kind === 'date')
  if (!date) return `(${rows})`
  const key = model.grain.filter((each) => each !== date.name).map(name)
  return `(SELECT *, rank() OVER (PARTITION BY ${[...groups, ...key].join(', ')} ORDER BY ${name(date.name)} DESC) = 1 AS is_latest FROM (${rows}))`
}

function measureOf({ name: column, adds, nullable }: Measure): string {
  if (adds.how === 'min' || adds.how === 'max') return `${adds.how}(${name(column)})`
  const sum = adds.how === 'last' ? `sum(${name(column)}) FILTER (is_latest)` : `sum(${name(column)})`
  return nullable ? sum : `coalesce(${sum}, 0)`
}

function quotientOf(model: GoldModel, column: Measure): string[] {
  const { adds } = column
  if (adds.how !== 'ratio') throw new Error(`${column.name} is no quotient`)
  const parts = [...adds.plus, ...adds.minus, adds.denominator]
  const last = model.columns.some(
    (each) => parts.includes(each.name) && each.role === 'measure' && each.adds.how === 'last',
  )
  const known = [...parts.map((part) => `${name(part)} IS NOT NULL`), ...(last ? ['is_latest'] : [])].join(' AND ')
  const sum = (part: string): string => `sum(${name(part)}) FILTER (${known})`
  const numerator = [...adds.plus.map((part) => `+ ${sum(part)}`), ...adds.minus.map((part) => `- ${sum(part)}`)]
  return [
    `(${numerator.join(' ').replace(/^\+ /, '')})::VARCHAR AS ${name(textOf(column))}`,
    `(${sum(adds.denominator)})::VARCHAR AS ${name(perOf(column))}`,
  ]
}

const operators: Readonly<Record<string, string>> = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' }

function conditionOf(condition: Condition, value: ValueOf): string {
  if ('all' in condition) return condition.all.length === 0 ? 'TRUE' : inBrackets(condition.all, 'AND', value)
  if ('any' in condition) return inBrackets(condition.any, 'OR', value)
  if ('none' in condition) return `(${conditionOf(condition.none, value)} IS NOT TRUE)`
  const { column, op, value: given } = condition
  const of = value(column)
  const literal = (each: string): string =>
    column.type.kind === 'text' || column.type.kind === 'enum' || column.type.kind === 'timestamp'
      ? text(each)
      : column.type.kind === 'date'
        ? `DATE ${text(each)}`
        : each
  if (op === 'isNull') return `(${of} IS ${given === true ? '' : 'NOT '}NULL)`
  if (typeof given === 'boolean') return op === 'eq' ? `(${of} = ${given})` : `(${of} IS DISTINCT FROM ${given})`
  if (typeof given !== 'string') {
    const values = given.map(literal)
    if (op === 'between') return `(${of} BETWEEN ${values.join(' AND ')})`
    const among = `${of} IN (${values.join(', ')})`
    return op === 'in' ? `(${among})` : `(${of} IS NULL OR NOT ${among})`
  }
  if (op === 'ne') return `(${of} IS DISTINCT FROM ${literal(given)})`
  if (op === 'contains') return `contains(${of}, ${text(given)})`
  if (op === 'startsWith') return `starts_with(${of}, ${text(given)})`
  return `(${of} ${operators[op]} ${literal(given)})`
}

const inBrackets = (parts: readonly Condition[], word: string, value: ValueOf): string =>
  `(${parts.map((part) => conditionOf(part, value)).join(` ${word} `)})`

const termOf = ({ column, descending, nullsFirst }: Term, value: ValueOf): string =>
  `${value(column)} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
