import type { GoldColumn, GoldModel } from '../../models/types.js'
import type { Filter, FilterValue } from '../../warehouses/compiler/query.js'
import { Slot } from '../../warehouses/compiler/slot.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from '../limits/limits.js'
import { fieldOf } from '../naming/fields.js'
import { type Operator, operatorsOf } from './operators.js'

/** An input object as GraphQL coerced it: only declared fields, values already of their scalar. */
export type InputObject = Readonly<Record<string, unknown>>

/** The columns that a condition names. */
export function columnsIn(filter: Filter | undefined): readonly string[] {
  if (filter === undefined) return []
  if ('and' in filter) return filter.and.flatMap(columnsIn)
  if ('or' in filter) return filter.or.flatMap(columnsIn)
  return 'not' in filter ? columnsIn(filter.not) : [filter.column]
}

/**
 * The condition of a `where` (or `having`), in the declaration's order, so that the same question has the same text however it was
 * written. Undefined where it holds no condition. Throws FILTER_INVALID and FILTER_TOO_LARGE.
 */
export function readFilter(
  model: GoldModel,
  where: InputObject | null | undefined,
  limits: Limits,
  argument: 'where' | 'having' = 'where',
): Filter | undefined {
  return where ? new FilterReader(model, limits, argument).where(where, argument, 1) : undefined
}

class FilterReader {
  private conditions = 0
  private values = 0

  constructor(
    private readonly model: GoldModel,
    private readonly limits: Limits,
    private readonly argument: string,
  ) {}

  where(input: InputObject, path: string, depth: number): Filter | undefined {
    if (depth > this.limits.filterDepth) {
      throw tooLarge(`\`${this.argument}\` is nested deeper than ${this.limits.filterDepth} levels. Flatten it.`)
    }
    const parts: Filter[] = []
    for (const column of this.model.columns) {
      const field = fieldOf(column)
      if (input[field] !== undefined)
        parts.push(...this.column(column, objectAt(input[field], `${path}.${field}`), `${path}.${field}`))
    }
    if (input.and !== undefined) {
      parts.push(
        ...listAt(input.and, `${path}.and`).flatMap(
          (part, i) => this.where(part, `${path}.and[${i}]`, depth + 1) ?? [],
        ),
      )
    }
    if (input.or !== undefined)
      parts.push({ or: this.alternatives(listAt(input.or, `${path}.or`), `${path}.or`, depth + 1) })
    if (input.not !== undefined) {
      parts.push({ not: this.condition(objectAt(input.not, `${path}.not`), `${path}.not`, depth + 1) })
    }
    return parts.length > 1 ? { and: parts } : parts[0]
  }

  private alternatives(inputs: readonly InputObject[], path: string, depth: number): Filter[] {
    if (inputs.length === 0) throw invalid(path, 'needs at least one alternative; leave it out otherwise')
    return inputs.map((input, i) => this.condition(input, `${path}[${i}]`, depth))
  }

  /** Inside `or` and `not` an empty object would silently match all rows or none. */
  private condition(input: InputObject, path: string, depth: number): Filter {
    const filter = this.where(input, path, depth)
    if (filter === undefined) throw invalid(path, 'holds no condition')
    return filter
  }

  private column(column: GoldColumn, input: InputObject, path: string): Filter[] {
    const operators = operatorsOf(column.type).filter((operator) => input[operator] !== undefined)
    this.conditions += operators.length
    if (this.conditions > this.limits.conditions) {
      throw tooLarge(`\`${this.argument}\` holds more than ${this.limits.conditions} conditions.`)
    }
    return operators.map((operator) => this.comparison(column, operator, input[operator], `${path}.${operator}`))
  }

  private comparison(column: GoldColumn, op: Operator, input: unknown, path: string): Filter {
    const name = column.name
    if (op === 'isNull') {
      if (typeof input !== 'boolean') throw invalid(path, 'takes true or false')
      return { column: name, op, value: input }
    }
    if (op === 'in' || op === 'notIn') {
      if (!Array.isArray(input))
        throw invalid(path, 'takes a list of values; rows without a value are asked for with `isNull`')
      return { column: name, op, values: input.map((value, i) => this.value(value, `${path}[${i}]`)) }
    }
    if (op === 'between') {
      const { from, to } = objectAt(input, path)
      return { column: name, op, from: this.value(from, `${path}.from`), to: this.value(to, `${path}.to`) }
    }
    return { column: name, op, value: this.value(input, path) }
  }

  private value(given: unknown, path: string): FilterValue {
    const value = given instanceof Slot ? given.value : given
    this.values++
    if (this.values > this.limits.values)
      throw tooLarge(`\`${this.argument}\` holds more than ${this.limits.values} values.`)
    if (typeof value !== 'string' && typeof value !== 'bigint' && typeof value !== 'boolean') {
      throw invalid(path, 'cannot be compared with null; rows without a value are asked for with `isNull: true`')
    }
    return given instanceof Slot ? given : value
  }
}

function objectAt(value: unknown, path: string): InputObject {
  if (typeof value === 'object' && value !== null) return value as InputObject
  throw invalid(path, 'cannot be null; leave it out, or ask for rows without a value with `isNull: true`')
}

function listAt(value: unknown, path: string): readonly InputObject[] {
  if (Array.isArray(value)) return value
  throw invalid(path, 'cannot be null; leave it out')
}

const invalid = (path: string, reason: string): GoldgateError =>
  new GoldgateError('FILTER_INVALID', `\`${path}\` ${reason}.`)
const tooLarge = (message: string): GoldgateError => new GoldgateError('FILTER_TOO_LARGE', message)
