import type { GoldModel } from '../../models/types.js'
import { describeColumn, fieldOf, typeNameOf } from '../naming/fields.js'
import { SafeIntScalar } from '../scalars/safe-int.js'
import { addField, type GeneratedClass, objectType } from './classes.js'
import { conditionsInput, orderInput } from './list-inputs.js'
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
    order: rowOrderInput(model, shared),
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
      logicalType: column.type,
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
  const columns = model.columns.map((column) => ({
    column,
    filter: shared.filter(column.type),
    description: describeColumn(model, column),
  }))
  return conditionsInput(`${typeNameOf(model)}Where`, `rows of ${typeNameOf(model)}`, columns)
}

function rowOrderInput(model: GoldModel, shared: SharedTypes): GeneratedClass {
  const name = typeNameOf(model)
  const description = `The fields that ${name} rows can be ordered by.`
  return orderInput(model, { name, listed: 'rows', columns: model.columns, description }, shared)
}
