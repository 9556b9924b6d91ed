import type { LogicalType } from '../../models/types.js'

export type Operator =
  | 'eq'
  | 'ne'
  | 'in'
  | 'notIn'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'between'
  | 'contains'
  | 'startsWith'
  | 'isNull'

const equality: readonly Operator[] = ['eq', 'ne', 'in', 'notIn']
const ordering: readonly Operator[] = ['lt', 'lte', 'gt', 'gte', 'between']

/** What a column of this type can be asked, in the order of the schema. */
export function operatorsOf(type: LogicalType): readonly Operator[] {
  switch (type.kind) {
    case 'boolean':
      return ['eq', 'ne', 'isNull']
    case 'enum':
      return [...equality, 'isNull']
    case 'text':
      return [...equality, ...ordering, 'contains', 'startsWith', 'isNull']
    default:
      return [...equality, ...ordering, 'isNull']
  }
}
