import type { GoldColumn, GoldModel } from '../../models/types.js'
import { camelCase, constantCase, pascalCase } from './names.js'

/** What a model is called in GraphQL. */
export const typeNameOf = (model: GoldModel): string => pascalCase(model.name)
export const rowsFieldOf = (model: GoldModel): string => camelCase(model.name)
export const groupsFieldOf = (model: GoldModel): string => `${rowsFieldOf(model)}By`
export const fieldOf = (column: GoldColumn | string): string =>
  camelCase(typeof column === 'string' ? column : column.name)
export const orderValueOf = (column: GoldColumn): string => constantCase(column.name)

/** A column's description with its unit; columns of the model that it mentions go by their GraphQL names. */
export function describeColumn(model: GoldModel, column: GoldColumn): string {
  const names = new Map(model.columns.map(({ name }) => [name, camelCase(name)]))
  const description = column.description.replace(/[a-z][a-z0-9_]*/g, (word) =>
    word.includes('_') ? (names.get(word) ?? word) : word,
  )
  return column.unit === undefined ? description : `${description} Unit: ${column.unit}.`
}

const known = new WeakMap<GoldModel, ReadonlyMap<string, GoldColumn>>()

/** Field name → column, for one model. Throws where two columns would share a field name. */
export function columnsByField(model: GoldModel): ReadonlyMap<string, GoldColumn> {
  const found = known.get(model)
  if (found) return found
  const columns = new Map(model.columns.map((column) => [fieldOf(column), column]))
  if (columns.size !== model.columns.length) throw new Error(`Two columns of ${model.name} share a GraphQL field name`)
  known.set(model, columns)
  return columns
}
