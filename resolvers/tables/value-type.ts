import { type GraphQLField, getNamedType, isEnumType } from 'graphql'
import type { LogicalType } from '../../models/types.js'
import { shareScale } from '../../warehouses/compiler/group-query.js'
import { factsOf } from '../factory/field-facts.js'

const scalars: Readonly<Record<string, LogicalType>> = {
  SafeInt: { kind: 'integer' },
  Int: { kind: 'integer' },
  Boolean: { kind: 'boolean' },
  Date: { kind: 'date' },
  Timestamp: { kind: 'timestamp' },
}

/** The type of the values that a field shows with these arguments; text where nothing better is known. */
export function valueTypeOf(
  field: GraphQLField<unknown, unknown>,
  args: Readonly<Record<string, unknown>>,
): LogicalType {
  if (args.as === 'share') return { kind: 'decimal', precision: 38, scale: shareScale }
  const named = getNamedType(field.type)
  if (isEnumType(named)) {
    const values = named.getValues().map(({ value }) => String(value))
    return factsOf(field).logicalType ?? { kind: 'enum', name: named.name, values }
  }
  return factsOf(field).logicalType ?? scalars[named.name] ?? { kind: 'text' }
}
