import type { GoldModel } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import { textLiteral } from '../dialect/standard.js'
import { quotedNames } from './silver-table.js'

/** The model's columns by name, whatever the SELECT has besides. */
export function goldColumns(dialect: Dialect, model: GoldModel): string {
  return quotedNames(
    dialect,
    model.columns.map((column) => column.name),
  )
}

/** COMMENT ON for the table and its columns, for people who open the warehouse with another tool. */
export function goldComments(dialect: Dialect, table: string, model: GoldModel): string[] {
  return [
    `COMMENT ON TABLE ${table} IS ${textLiteral(model.description)}`,
    ...model.columns.map(
      (column) => `COMMENT ON COLUMN ${table}.${dialect.quote(column.name)} IS ${textLiteral(column.description)}`,
    ),
  ]
}
