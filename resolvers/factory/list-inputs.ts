import { registerEnumType } from 'type-graphql'
import type { GoldColumn, GoldModel } from '../../models/types.js'
import { describeColumn, fieldOf, orderValueOf, typeNameOf } from '../naming/fields.js'
import { addField, type GeneratedClass, inputType } from './classes.js'
import type { SharedTypes } from './shared-types.js'

/** A column that conditions can be put on. */
interface Conditioned {
  readonly column: GoldColumn
  readonly filter: GeneratedClass
  readonly description: string
}

/** The input of conditions on what is listed: `rows` says what that is, in words. */
export function conditionsInput(name: string, rows: string, columns: readonly Conditioned[]): GeneratedClass {
  const input = inputType(name, `Conditions on ${rows}; all that are given must hold.`)
  for (const { column, filter, description } of columns) {
    const field = fieldOf(column)
    if (field === 'and' || field === 'or' || field === 'not') throw new Error(`A column of ${name} is called ${field}`)
    addField(input, field, () => filter, { description, nullable: true })
  }
  addField(input, 'and', () => [input], { description: 'All of these must hold.', nullable: true })
  addField(input, 'or', () => [input], { description: 'At least one of these must hold.', nullable: true })
  addField(input, 'not', () => input, { description: 'This must not hold.', nullable: true })
  return input
}

interface Ordered {
  /** In front of the names of its types. */
  readonly name: string
  /** What is listed: `rows`, or `groups`. */
  readonly listed: string
  readonly columns: readonly GoldColumn[]
  readonly description: string
  /** The enum of its field `grain`, where it has one. */
  readonly grain?: object
}

/** The input of one term of an order. */
export function orderInput(
  model: GoldModel,
  { name, listed, columns, description, grain }: Ordered,
  shared: SharedTypes,
): GeneratedClass {
  const field = Object.fromEntries(columns.map((column) => [orderValueOf(column), column.name]))
  registerEnumType(field, {
    name: `${name}Field`,
    description,
    valuesConfig: Object.fromEntries(
      columns.map((column) => [orderValueOf(column), { description: describeColumn(model, column) }]),
    ),
  })
  const order = inputType(`${name}Order`, `One term of the order of ${typeNameOf(model)} ${listed}.`)
  addField(order, 'field', () => field, { description: 'What to order by.' })
  if (grain)
    addField(order, 'grain', () => grain, {
      description: 'Which grain of a date; needed only where it is selected with several.',
      nullable: true,
    })
  addField(order, 'direction', () => shared.direction, {
    description: 'Smallest or largest first.',
    defaultValue: shared.direction.ASC,
  })
  addField(order, 'nulls', () => shared.nulls, {
    description: `Where ${listed} without a value stand, in either direction.`,
    defaultValue: shared.nulls.LAST,
  })
  return order
}
