import type { GoldColumn, GoldModel, LogicalType } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import type { Comparison, Param, Value } from '../contract/values.js'
import { type Comparable, canBeStored, comparable } from './comparable.js'
import type { Parameters } from './parameters.js'
import type { Filter, FilterValue } from './query.js'
import { Slot, type SlotUse, valueIn } from './slot.js'

const operators = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/** The column of that name. Throws a RangeError: names are checked against the model before a query is made. */
export function columnOf(model: GoldModel, name: string): GoldColumn {
  const column = model.columns.find((each) => each.name === name)
  if (column === undefined) throw new RangeError(`Model ${model.name} has no column ${JSON.stringify(name)}.`)
  return column
}

/**
 * A SQL condition that can stand beside others under AND and OR. A row belongs to the answer when it is true: where NULL
 * should match it says so, and `not` is true of every row for which its filter is not.
 */
export function compileFilter(filter: Filter, model: GoldModel, dialect: Dialect, parameters: Parameters): string {
  const compile = (each: Filter): string => compileFilter(each, model, dialect, parameters)
  if ('and' in filter) return joined(filter.and.map(compile), 'AND', 'TRUE')
  if ('or' in filter) return joined(filter.or.map(compile), 'OR', 'FALSE')
  if ('not' in filter) return `(${compile(filter.not)}) IS NOT TRUE`

  const column = columnOf(model, filter.column)
  const name = dialect.quote(column.name)
  const compare = (op: Comparison, value: FilterValue): string => {
    const fitted = fitTo(op, value, column.type)
    if (fitted === 'no value') return 'FALSE'
    if (fitted === 'every value') return op === 'ne' ? 'TRUE' : `${name} IS NOT NULL`
    const condition = dialect.compare(
      name,
      operators[fitted.op],
      parameters.bind(fitted.value, column.type, slotOf(value, op)),
      column.type,
    )
    return op === 'ne' ? orNull(condition, column, name) : condition
  }
  switch (filter.op) {
    case 'isNull':
      return `${name} IS ${filter.value ? '' : 'NOT '}NULL`
    case 'between':
      return joined([compare('gte', filter.from), compare('lte', filter.to)], 'AND', 'TRUE')
    case 'in':
    case 'notIn': {
      const fitted = filter.values.flatMap((value) => {
        const each = fitTo('eq', value, column.type)
        return typeof each === 'object' ? [{ value: each.value, slot: slotOf(value, 'eq') }] : []
      })
      if (fitted.length === 0) return filter.op === 'in' ? 'FALSE' : 'TRUE'
      const list = fitted.map(({ value, slot }) => parameters.bind(value, column.type, slot)).join(', ')
      return filter.op === 'in' ? `${name} IN (${list})` : orNull(`${name} NOT IN (${list})`, column, name)
    }
    case 'contains':
    case 'startsWith': {
      const part = textPart(valueIn(filter.value), column.type)
      if (canBeStored(part))
        return dialect[filter.op](name, parameters.bind(part, column.type, slotOf(filter.value, filter.op)))
      settle(filter.value)
      return 'FALSE'
    }
    default:
      return compare(filter.op, filter.value)
  }
}

/** What becomes of a slot's text holds for all values that fit in the same way. */
function fitTo(op: Comparison, value: FilterValue, type: LogicalType): Comparable {
  const fitted = comparable(op, valueIn(value), type)
  if (typeof fitted !== 'object' || fitted.op !== op) settle(value)
  return fitted
}

const slotOf = (value: FilterValue, use: SlotUse): Param['slot'] =>
  value instanceof Slot ? { name: value.name, use } : undefined

function settle(value: FilterValue): void {
  if (value instanceof Slot) value.settle()
}

function joined(conditions: readonly string[], word: 'AND' | 'OR', ofNone: string): string {
  if (conditions.length === 0) return ofNone
  return conditions.length === 1 ? conditions.join('') : `(${conditions.join(` ${word} `)})`
}

const orNull = (condition: string, column: GoldColumn, name: string): string =>
  column.nullable ? `(${condition} OR ${name} IS NULL)` : condition

function textPart(value: NonNullable<Value>, type: LogicalType): string {
  if (typeof value !== 'string' || (type.kind !== 'text' && type.kind !== 'enum'))
    throw new RangeError(`A column of type ${type.kind} has no parts to look for.`)
  return value
}
