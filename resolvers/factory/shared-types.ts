import { registerEnumType } from 'type-graphql'
import type { LogicalType } from '../../models/types.js'
import { constantCase } from '../naming/names.js'
import { DateScalar } from '../scalars/date.js'
import { DecimalScalar } from '../scalars/decimal.js'
import { SafeIntScalar } from '../scalars/safe-int.js'
import { TimestampScalar } from '../scalars/timestamp.js'
import { addField, type GeneratedClass, objectType } from './classes.js'
import { filterInput } from './filter-input.js'

/**
 * The types that all models of one schema share: one enum per closed list, one filter per type, PageInfo, the order's enums.
 * A type must have been asked for before the schema is built, not from inside a field's thunk: type-graphql would not know it.
 */
export class SharedTypes {
  readonly pageInfo = pageInfo()
  readonly direction = { ASC: 'asc', DESC: 'desc' } as const
  readonly nulls = { FIRST: 'first', LAST: 'last' } as const
  private readonly enums = new Map<string, { readonly values: readonly string[]; readonly type: object }>()
  private readonly filters = new Map<string, GeneratedClass>()

  constructor() {
    registerEnumType(this.direction, {
      name: 'OrderDirection',
      description: 'Smallest first (ASC) or largest first (DESC).',
    })
    registerEnumType(this.nulls, { name: 'NullsOrder', description: 'Where rows without a value stand.' })
  }

  /** The GraphQL type of a column's values: a scalar, or the enum of a closed list. */
  valueType(type: LogicalType): object {
    switch (type.kind) {
      case 'text':
        return String
      case 'integer':
        return SafeIntScalar
      case 'decimal':
        return DecimalScalar
      case 'boolean':
        return Boolean
      case 'date':
        return DateScalar
      case 'timestamp':
        return TimestampScalar
      case 'enum':
        return this.enumType(type.name, type.values)
    }
  }

  filter(type: LogicalType): GeneratedClass {
    const name = type.kind === 'enum' ? type.name : type.kind.charAt(0).toUpperCase() + type.kind.slice(1)
    const known = this.filters.get(name)
    if (known) return known
    const made = filterInput(name, type, this.valueType(type))
    this.filters.set(name, made)
    return made
  }

  private enumType(name: string, values: readonly string[]): object {
    const known = this.enums.get(name)
    if (known) {
      if (known.values.join() !== values.join())
        throw new Error(`Two closed lists are called ${name} and hold different values`)
      return known.type
    }
    const type = Object.fromEntries(values.map((value) => [constantCase(value), value]))
    registerEnumType(type, {
      name,
      description: `A closed list. SQL and exports hold the values in lower case: ${values.join(', ')}.`,
    })
    this.enums.set(name, { values, type })
    return type
  }
}

function pageInfo(): GeneratedClass {
  const type = objectType('PageInfo', 'Where a page lies in the whole list, as Relay defines it.')
  addField(type, 'hasNextPage', () => Boolean, { description: 'True when rows follow the last one of this page.' })
  addField(type, 'hasPreviousPage', () => Boolean, {
    description: 'True when rows precede the first one of this page.',
  })
  addField(type, 'startCursor', () => String, {
    description: 'Cursor of the first row, for `before`. NULL on an empty page.',
    nullable: true,
  })
  addField(type, 'endCursor', () => String, {
    description: 'Cursor of the last row, for `after`. NULL on an empty page.',
    nullable: true,
  })
  return type
}
