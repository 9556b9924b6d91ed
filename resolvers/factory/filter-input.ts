import type { LogicalType } from '../../models/types.js'
import { type Operator, operatorsOf } from '../rows/operators.js'
import { addField, type GeneratedClass, inputType } from './classes.js'

const descriptions: Readonly<Record<Operator, string>> = {
  eq: 'Equal to this value.',
  ne: 'Not equal to this value; rows without a value match too.',
  in: 'One of these values.',
  notIn: 'None of these values; rows without a value match too.',
  lt: 'Less than this value.',
  lte: 'Less than or equal to this value.',
  gt: 'Greater than this value.',
  gte: 'Greater than or equal to this value.',
  between: 'From one value to another, both included.',
  contains: 'Holds this text, upper and lower case told apart.',
  startsWith: 'Begins with this text, upper and lower case told apart.',
  isNull: 'True: rows without a value. False: rows with one.',
}

/** The input of conditions on columns of one type; conditions given together must all hold. */
export function filterInput(typeName: string, type: LogicalType, valueType: object): GeneratedClass {
  const filter = inputType(
    `${typeName}Filter`,
    `Conditions on a value; all that are given must hold. ${orderOf(type)}`.trim(),
  )
  const operators = operatorsOf(type)
  const range = operators.includes('between') ? rangeInput(typeName, valueType) : undefined
  for (const operator of operators) {
    addField(filter, operator, () => argumentOf(operator, valueType, range), {
      description: descriptions[operator],
      nullable: true,
    })
  }
  return filter
}

function argumentOf(operator: Operator, valueType: object, range: object | undefined): object {
  if (operator === 'isNull') return Boolean
  if (operator === 'in' || operator === 'notIn') return [valueType]
  return operator === 'between' && range ? range : valueType
}

function rangeInput(typeName: string, valueType: object): GeneratedClass {
  const range = inputType(`${typeName}Range`, 'A range, both ends included.')
  addField(range, 'from', () => valueType, { description: 'The smallest value that matches.' })
  addField(range, 'to', () => valueType, { description: 'The largest value that matches.' })
  return range
}

const orderOf = (type: LogicalType): string => (type.kind === 'text' ? 'Text is ordered by code point.' : '')
