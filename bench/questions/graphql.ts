import { fieldOf, groupsFieldOf, orderValueOf, rowsFieldOf, typeNameOf } from '../../resolvers/naming/fields.js'
import { constantCase } from '../../resolvers/naming/names.js'
import type { Condition, Question, Term } from './generate.js'

export interface Asked {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly field: string
}

/** The question in GraphQL; `$after` and `$warehouse` are left to whoever asks. */
export function toGraphql({ model, where, shown, grouped, having, order, pageSize }: Question): Asked {
  const type = typeNameOf(model)
  const field = grouped ? groupsFieldOf(model) : rowsFieldOf(model)
  const fields = shown.map(({ column, grain }) => (grain ? `${fieldOf(column)}(grain: ${grain})` : fieldOf(column)))
  const args: readonly (readonly [string, string, unknown])[] = [
    ['where', `${type}Where`, where && inputOf(where)],
    ...(grouped ? [['having', `${type}Having`, having && inputOf(having)] as const] : []),
    ['orderBy', `[${type}${grouped ? 'Group' : ''}Order!]`, order.map(termOf)],
    ['first', 'Int', pageSize],
    ['after', 'String', undefined],
    ['warehouse', 'String', undefined],
  ]
  return {
    field,
    query: `query (${args.map(([name, of]) => `$${name}: ${of}`).join(', ')}) {
      ${field}(${args.map(([name]) => `${name}: $${name}`).join(', ')}) {
        nodes { ${fields.join(' ')} } pageInfo { hasNextPage endCursor } totalCount } }`,
    variables: Object.fromEntries(args.flatMap(([name, , value]) => (value === undefined ? [] : [[name, value]]))),
  }
}

function inputOf(condition: Condition): Readonly<Record<string, unknown>> {
  if ('all' in condition) return { and: condition.all.map(inputOf) }
  if ('any' in condition) return { or: condition.any.map(inputOf) }
  if ('none' in condition) return { not: inputOf(condition.none) }
  const { column, op, value } = condition
  const written = (text: string): unknown => {
    if (column.type.kind === 'enum') return constantCase(text)
    return column.type.kind === 'integer' ? Number(text) : text
  }
  const values = Array.isArray(value) ? value.map(written) : typeof value === 'string' ? written(value) : value
  if (op !== 'between') return { [fieldOf(column)]: { [op]: values } }
  const [from, to] = values as readonly unknown[]
  return { [fieldOf(column)]: { between: { from, to } } }
}

const termOf = ({ column, descending, nullsFirst }: Term) => ({
  field: orderValueOf(column),
  direction: descending ? 'DESC' : 'ASC',
  nulls: nullsFirst ? 'FIRST' : 'LAST',
})
