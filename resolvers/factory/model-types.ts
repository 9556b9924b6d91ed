import { registerEnumType } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import { describeColumn, fieldOf, orderValueOf, typeNameOf } from '../naming/fields.js'
import { SafeIntScalar } from '../scalars/safe-int.js'
import { addField, type GeneratedClass, inputType, objectType } from './classes.js'
import type { SharedTypes } from './shared-types.js'

/** The classes of one model. Whatever answers about the model (rows, groups, relations) is built on these. */
export interface ModelTypes {
  readonly row: GeneratedClass
  readonly connection: GeneratedClass
  readonly where: GeneratedClass
  readonly order: GeneratedClass
}

export function modelTypes(model: GoldModel, shared: SharedTypes): ModelTypes {
  const row = rowType(model, shared)
  return {
    row,
    connection: connectionType(listed(typeNameOf(model)), row, shared),
    where: whereInput(model, shared),
    order: orderInput(model, shared),
  }
}

const listed = (name: string): ListedType => ({
  ...{ name, rows: `${name} rows`, matching: 'Rows that match `where`' },
})

function rowType(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const grain = model.grain.map(fieldOf).join(', ')
  const type = objectType(typeNameOf(model), `${model.description} One row for each: ${grain}.`)
  for (const column of model.columns) {
    const values = shared.valueType(column.type)
    addField(type, fieldOf(column), () => values, {
      description: describeColumn(model, column),
      nullable: column.nullable,
    })
  }
  return type
}

interface ListedType {
  /** Of the type that is listed. */
  readonly name: string
  /** What a page of it holds, and what is counted. */
  readonly rows: string
  readonly matching: string
}

/** A connection, as Relay defines it, of whatever is listed page by page. */
export function connectionType(
  { name, rows, matching }: ListedType,
  row: GeneratedClass,
  shared: SharedTypes,
): GeneratedClass {
  const edge = objectType(`${name}Edge`, `A row of ${name} with its position in the list.`)
  addField(edge, 'cursor', () => String, {
    description: 'Position of the row, for `after` and `before` of the same question. It carries its build.',
  })
  addField(edge, 'node', () => row, { description: 'The row.' })
  const connection = objectType(`${name}Connection`, `A page of ${rows}, all of one build.`)
  addField(connection, 'nodes', () => [row], { description: 'The rows of the page.' })
  addField(connection, 'edges', () => [edge], { description: 'The rows of the page with their cursors.' })
  addField(connection, 'pageInfo', () => shared.pageInfo, { description: 'Where the page lies in the whole list.' })
  addField(connection, 'totalCount', () => SafeIntScalar, {
    description: `${matching}, on all pages together. Counted only when selected.`,
  })
  return connection
}

function whereInput(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const name = typeNameOf(model)
  const where = inputType(`${name}Where`, `Conditions on rows of ${name}; all that are given must hold.`)
  for (const column of model.columns) {
    const field = fieldOf(column)
    if (field === 'and' || field === 'or' || field === 'not')
      throw new Error(`A column of ${model.name} is called ${field}`)
    const filter = shared.filter(column.type)
    addField(where, field, () => filter, { description: describeColumn(model, column), nullable: true })
  }
  addField(where, 'and', () => [where], { description: 'All of these must hold.', nullable: true })
  addField(where, 'or', () => [where], { description: 'At least one of these must hold.', nullable: true })
  addField(where, 'not', () => where, { description: 'This must not hold.', nullable: true })
  return where
}

function orderInput(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const name = typeNameOf(model)
  const field = Object.fromEntries(model.columns.map((column) => [orderValueOf(column), column.name]))
  registerEnumType(field, {
    name: `${name}Field`,
    description: `The fields that ${name} rows can be ordered by.`,
    valuesConfig: Object.fromEntries(
      model.columns.map((column) => [orderValueOf(column), { description: describeColumn(model, column) }]),
    ),
  })
  const order = inputType(`${name}Order`, `One term of the order of ${name} rows.`)
  addField(order, 'field', () => field, { description: 'What to order by.' })
  addField(order, 'direction', () => shared.direction, {
    description: 'Smallest or largest first.',
    defaultValue: shared.direction.ASC,
  })
  addField(order, 'nulls', () => shared.nulls, {
    description: 'Where rows without a value stand, in either direction.',
    defaultValue: shared.nulls.LAST,
  })
  return order
}
